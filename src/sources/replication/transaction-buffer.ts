import type { ChangeEvent, Operation, TransactionInfo } from '../../changes/change-event.js';
import type { LogicalMessage } from '../../changes/logical-message.js';
import { formatLsn, type Lsn } from '../../changes/lsn.js';
import type { Relation } from '../../changes/relation.js';
import { type RawChange, RowChange } from '../../changes/row-change.js';
import { tableKey, WHOLE_TABLE } from '../../changes/whole-table.js';
import type { ToldTransaction } from '../change-statistics.js';
import type { TransactionLimits } from '../transaction-limits.js';
import type { Relations } from './relations.js';

/**
 * A transaction while it arrives. Past a limit, what it did to a table becomes one change of the whole
 * table, and further rows of that table are not even copied.
 */
export class TransactionBuffer implements ToldTransaction, TransactionInfo {
  readonly commitLsn: string;
  readonly committedAt: Date;
  readonly position: Lsn;
  readonly shortXid: number;
  readonly messages: LogicalMessage[] = [];
  readonly #limits: TransactionLimits;
  readonly #collapsed = new Map<string, RawChange>();
  readonly #unknown = new Map<number, { readonly operation: Operation; readonly describedAt: number }>();
  #raw: RawChange[] = [];
  #bytes = 0;
  #redescribed = false;
  #lostMessages = false;
  #xid: bigint | null = null;
  #receivedAt = new Date();
  #changes: readonly ChangeEvent[] | undefined;

  constructor(begin: { xid: number; commitLsn: Lsn; committedAt: Date }, limits: TransactionLimits) {
    this.position = begin.commitLsn;
    this.commitLsn = formatLsn(begin.commitLsn);
    this.committedAt = begin.committedAt;
    this.shortXid = begin.xid;
    this.#limits = limits;
  }

  /** Known once the transaction is seen in a snapshot; until then, its lower half. */
  get xid(): number {
    return this.#xid === null ? this.shortXid : Number(this.#xid);
  }

  set fullXid(xid: bigint | null) {
    this.#xid = xid;
  }

  /** How many changes are held. */
  get size(): number {
    return this.#raw.length + this.#collapsed.size;
  }

  /** How many bytes the changes and the messages hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is anything to tell. */
  get isRelevant(): boolean {
    return this.size > 0 || this.messages.length > 0 || this.needsCatalog || this.#lostMessages;
  }

  /** Whether it names a relation that is not known, or not as it is described now. */
  get needsCatalog(): boolean {
    return this.#redescribed || this.#unknown.size > 0;
  }

  /** Whether it carried more messages than are kept. */
  get hasLostMessages(): boolean {
    return this.#lostMessages;
  }

  get isCollapsed(): boolean {
    return this.#collapsed.size > 0;
  }

  /** Whether a table's rows need not be told any more. */
  covers(relation: Relation): boolean {
    return this.isCollapsed && this.#collapsed.has(tableKey(relation));
  }

  add(change: RawChange, bytes: number): void {
    if (this.covers(change.relation)) return;
    this.#changes = undefined;
    this.#raw.push(change);
    this.#bytes += bytes;
    if (this.#raw.length > this.#limits.maxChanges || this.#bytes > this.#limits.maxBytes) this.collapse();
  }

  /** Each table that has changed so far has changed as a whole. */
  collapse(): void {
    for (const { operation, relation } of this.#raw) {
      const key = tableKey(relation);
      if (!this.#collapsed.has(key)) this.#collapsed.set(key, { ...WHOLE_TABLE, operation, relation });
    }
    this.#raw = [];
    this.#bytes = this.messages.reduce((bytes, { content }) => bytes + content.length, 0);
    this.#changes = undefined;
  }

  addMessage(message: LogicalMessage): void {
    const bytes = this.#bytes + message.content.length;
    if (this.messages.length >= this.#limits.maxChanges || bytes > this.#limits.maxBytes) {
      this.#lostMessages = true;
      return;
    }
    this.#bytes = bytes;
    this.messages.push(message);
  }

  /** It has altered a relation: the catalog shows how. */
  redescribed(): void {
    this.#redescribed = true;
  }

  /** A change of a relation that may turn out to be a part of a watched table. */
  addUnknown(oid: number, operation: Operation, describedAt: number): void {
    this.#unknown.set(oid, { operation, describedAt });
  }

  /** Tells what was not known when it arrived, of those relations, as a change of the whole table. */
  resolveUnknown(relations: Relations): void {
    for (const [oid, { operation, describedAt }] of this.#unknown) {
      const relation = relations.table(oid);
      if (relation) this.add({ ...WHOLE_TABLE, operation, relation }, 0);
      else relations.settle(oid, describedAt);
    }
    this.#unknown.clear();
  }

  /** The commit has arrived. */
  received(): void {
    this.#receivedAt = new Date();
  }

  get changes(): readonly ChangeEvent[] {
    this.#changes ??= this.#events();
    return this.#changes;
  }

  #events(): readonly ChangeEvent[] {
    const occasion = {
      transaction: this,
      sentAt: this.committedAt,
      receivedAt: this.#receivedAt,
      origin: 'replication',
    } as const;
    return [...this.#collapsed.values(), ...this.#raw].map((raw) => new RowChange(raw, occasion));
  }
}
