import { type RawChange, RowChange } from '../../src/changes/row-change.js';
import type { ChangeConsumer, ChangeEvent, ChangeSource, Operation } from '../../src/index.js';
import { ChangeCounters } from '../../src/sources/change-statistics.js';
import { type WatchedColumn, type WatchedTable, WatchedTables } from '../../src/sources/watched-tables.js';

const id: WatchedColumn = {
  name: 'id',
  typeOid: 23,
  declaredTypeOid: 23,
  generated: null,
  exactType: 'integer',
  parse: Number,
};

/** `things (id int primary key)`. */
export const THINGS: WatchedTable = {
  schema: 'public',
  table: 'things',
  visible: true,
  key: [id],
  columns: [id],
  matchable: [id],
};

/** A change of one thing. */
export function changeOf(thing: number, operation: Operation): ChangeEvent {
  const key = operation === 'truncate' ? null : [String(thing)];
  const raw: RawChange = { operation, relation: THINGS, key, previousKey: null, before: null, after: null };
  const transaction = { xid: null, commitLsn: null, committedAt: null };
  const now = new Date(0);
  return new RowChange(raw, { transaction, sentAt: now, receivedAt: now, origin: 'notify' });
}

/** A source that is always live, and tells what a test has it tell: for thousands of sequences of changes. */
export class HandMadeSource implements ChangeSource {
  readonly mode = 'notify';
  readonly reasons = [];
  readonly state = 'live';
  readonly logger = null;
  readonly statistics = new ChangeCounters().snapshot();
  readonly watched = new WatchedTables([THINGS]);
  readonly #consumers = new Set<ChangeConsumer>();

  /** Tells of one transaction. */
  commit(...changes: readonly ChangeEvent[]): void {
    const transaction = { xid: null, commitLsn: null, committedAt: null, changes };
    const actions = [...this.#consumers].map((consumer) => consumer.prepare(transaction));
    for (const act of actions) act();
  }

  gap(): void {
    const gap = { reason: 'reconnected', detail: '', at: new Date(0) } as const;
    for (const consumer of this.#consumers) consumer.gap(gap);
  }

  attach(consumer: ChangeConsumer): () => void {
    this.#consumers.add(consumer);
    return () => void this.#consumers.delete(consumer);
  }

  on(): () => void {
    return () => {};
  }

  async start(): Promise<void> {}
  async close(): Promise<void> {}
  async caughtUp(): Promise<void> {}
  async lag(): Promise<null> {
    return null;
  }
  async [Symbol.asyncDispose](): Promise<void> {}
  async *[Symbol.asyncIterator](): AsyncGenerator<ChangeEvent, undefined> {}
}
