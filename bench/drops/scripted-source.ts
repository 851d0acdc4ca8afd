import type { ChangeTransaction } from '../../src/changes/change-transaction.js';
import type { Column } from '../../src/changes/relation.js';
import { RowChange } from '../../src/changes/row-change.js';
import type { ChangeConsumer, ChangeSource } from '../../src/index.js';
import { ChangeCounters } from '../../src/sources/change-statistics.js';
import { type WatchedColumn, WatchedTables } from '../../src/sources/watched-tables.js';

export const TABLE = 'orders';

const id: WatchedColumn & Column = {
  name: 'id',
  typeOid: 23,
  declaredTypeOid: 23,
  generated: null,
  parse: Number,
  exactType: 'integer',
};
const orders = { schema: 'public', table: TABLE, visible: true, key: [id], columns: [id], matchable: [id] };
const nowhere = async (): Promise<never> => {
  throw new Error('This source has no database');
};

/** A source without a database: it hands its consumers the transactions that it is given. */
export class ScriptedSource implements ChangeSource {
  readonly mode = 'replication';
  readonly reasons = [];
  readonly state = 'live';
  readonly logger = null;
  readonly statistics = new ChangeCounters().snapshot();
  readonly watched = new WatchedTables([orders]);
  readonly #consumers = new Set<ChangeConsumer>();

  attach(consumer: ChangeConsumer): () => void {
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  /** As a real one does: all decide, then all act. */
  apply(transaction: ChangeTransaction): void {
    const acts: (() => void)[] = [];
    for (const consumer of this.#consumers) acts.push(consumer.prepare(transaction));
    for (const act of acts) act();
  }

  async start(): Promise<void> {}
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
  on = () => () => {};
  caughtUp = nowhere;
  lag = nowhere;
  [Symbol.asyncIterator] = () => ({ next: nowhere });
}

/** A transaction with one change, as the replication source makes it: of a row, or of the whole table. */
export function transactionOf(row: number | null): ChangeTransaction {
  const at = new Date();
  const info = { xid: 1, commitLsn: '0/1', committedAt: at };
  const occasion = { transaction: info, sentAt: at, receivedAt: at, origin: 'replication' } as const;
  const texts = row === null ? null : [String(row)];
  const key = { key: texts, previousKey: null, before: null, after: texts };
  const operation = row === null ? 'truncate' : 'update';
  return { ...info, changes: [new RowChange({ operation, relation: orders, ...key }, occasion)] };
}
