import type { TransactionInfo } from '../../changes/change-event.js';
import type { ChangeTransaction } from '../../changes/change-transaction.js';
import type { Relation } from '../../changes/relation.js';
import { RowChange } from '../../changes/row-change.js';
import { tableKey, WHOLE_TABLE } from '../../changes/whole-table.js';
import type { Payload } from './payload.js';

/** A payload, and the watched table it is about: with the columns that this very payload names. */
export interface Heard {
  readonly payload: Payload;
  readonly relation: Relation;
}

/**
 * Puts the notifications of one transaction together again.
 *
 * The queue holds a transaction's notifications side by side, so one of another transaction ends it. The
 * last one is ended by whoever owns the assembler, once it knows that no more can be on the way. A
 * notification that does not tell its transaction joins the open one: to merge two transactions into one
 * moment is harmless, to tear one apart is not.
 */
export class TransactionAssembler {
  readonly #deliver: (transaction: ChangeTransaction) => void;
  readonly #maxChanges: number;
  #open: OpenTransaction | undefined;

  constructor(maxChanges: number, deliver: (transaction: ChangeTransaction) => void) {
    this.#maxChanges = maxChanges;
    this.#deliver = deliver;
  }

  add(payload: Payload, relations: readonly Relation[]): void {
    const { xid } = payload;
    if (this.#open && xid !== null && this.#open.xid !== null && xid !== this.#open.xid) this.end();
    this.#open ??= new OpenTransaction(this.#maxChanges);
    this.#open.xid ??= xid;
    for (const relation of relations) this.#open.add({ payload, relation }, new Date());
  }

  end(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open && open.changes.length > 0) this.#deliver(open);
  }
}

class OpenTransaction implements ChangeTransaction, TransactionInfo {
  readonly commitLsn = null;
  readonly committedAt = null;
  xid: number | null = null;
  changes: RowChange[] = [];
  readonly #maxChanges: number;
  readonly #whole = new Set<Relation['table']>();

  constructor(maxChanges: number) {
    this.#maxChanges = maxChanges;
  }

  add({ payload, relation }: Heard, receivedAt: Date): void {
    const { operation, sentAt } = payload;
    const occasion = { transaction: this, sentAt, receivedAt, origin: 'notify' } as const;
    const table = tableKey(relation);
    if (this.#whole.has(table)) return;
    for (const row of payload.rows ?? [WHOLE_TABLE]) {
      this.changes.push(new RowChange({ operation, relation, ...row }, occasion));
    }
    if (this.changes.length > this.#maxChanges) this.#collapse();
  }

  /** Past the limit, each table has changed as a whole, and need not be told of again. */
  #collapse(): void {
    const latest = new Map<string, RowChange>();
    for (const change of this.changes) latest.set(tableKey(change), change);
    this.changes = [];
    for (const [table, change] of latest) {
      this.#whole.add(table);
      const { operation, schema } = change;
      const relation = { schema, table: change.table, key: [], columns: [] };
      this.changes.push(new RowChange({ operation, relation, ...WHOLE_TABLE }, change));
    }
  }
}
