import type { TransactionInfo } from '../../changes/change-event.js';
import type { Relation } from '../../changes/relation.js';
import { RowChange } from '../../changes/row-change.js';
import { operationKey, WHOLE_TABLE } from '../../changes/whole-table.js';
import type { ToldTransaction } from '../change-statistics.js';
import type { TransactionLimits } from '../transaction-limits.js';
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
  readonly #deliver: (transaction: ToldTransaction) => void;
  readonly #limits: TransactionLimits;
  #open: OpenTransaction | undefined;

  constructor(limits: TransactionLimits, deliver: (transaction: ToldTransaction) => void) {
    this.#limits = limits;
    this.#deliver = deliver;
  }

  /** @param bytes how long the payload is */
  add(payload: Payload, relations: readonly Relation[], bytes: number): void {
    const { xid } = payload;
    if (this.#open && xid !== null && this.#open.xid !== null && xid !== this.#open.xid) this.end();
    this.#open ??= new OpenTransaction(this.#limits);
    this.#open.xid ??= xid;
    for (const relation of relations) this.#open.add({ payload, relation }, bytes, new Date());
  }

  end(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open && open.changes.length > 0) this.#deliver(open);
  }
}

class OpenTransaction implements ToldTransaction, TransactionInfo {
  readonly commitLsn = null;
  readonly committedAt = null;
  xid: number | null = null;
  changes: RowChange[] = [];
  readonly #limits: TransactionLimits;
  /** What need not be told any more. */
  readonly #whole = new Set<string>();
  #bytes = 0;

  constructor(limits: TransactionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.changes.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isCollapsed(): boolean {
    return this.#whole.size > 0;
  }

  add({ payload, relation }: Heard, bytes: number, receivedAt: Date): void {
    const { operation, sentAt } = payload;
    const occasion = { transaction: this, sentAt, receivedAt, origin: 'notify' } as const;
    if (this.#whole.has(operationKey(relation, operation))) return;
    for (const row of payload.rows ?? [WHOLE_TABLE]) {
      this.changes.push(new RowChange({ operation, relation, ...row }, occasion));
    }
    this.#bytes += bytes;
    const { maxChanges, maxBytes } = this.#limits;
    if (this.changes.length > maxChanges || this.#bytes > maxBytes) this.#collapse();
  }

  /** Past the limit, each table has changed as a whole, by each operation, and need not be told of again. */
  #collapse(): void {
    const latest = new Map<string, RowChange>();
    for (const change of this.changes) latest.set(operationKey(change, change.operation), change);
    this.changes = [];
    this.#bytes = 0;
    for (const [key, change] of latest) {
      this.#whole.add(key);
      const { operation, schema } = change;
      const relation = { schema, table: change.table, key: [], columns: [] };
      this.changes.push(new RowChange({ operation, relation, ...WHOLE_TABLE }, change));
    }
  }
}
