import type { ChangeEvent, Operation, TransactionInfo } from '../../changes/change-event.js';
import type { LogicalMessage } from '../../changes/logical-message.js';
import { formatLsn, type Lsn } from '../../changes/lsn.js';
import type { Relation } from '../../changes/relation.js';
import { type Occasion, type RawChange, RowChange } from '../../changes/row-change.js';
import { operationKey, WHOLE_TABLE } from '../../changes/whole-table.js';
import { PgCacheWatchError } from '../../errors.js';
import type { ToldTransaction } from '../change-statistics.js';
import type { TransactionLimits } from '../transaction-limits.js';
import type { Relations } from './relations.js';

/** What was done to a relation that is not known. */
interface UnknownChange {
  readonly operations: Set<Operation>;
  readonly describedAt: number;
}

const NO_MESSAGES: readonly LogicalMessage[] = [];

/**
 * A transaction while it arrives. Past a limit, what it did to a table becomes one change of the whole
 * table for each operation, and further rows of those are not even copied.
 *
 * Most have one row and are told to caches alone: what those do not ask for is made when it is asked for.
 */
export class TransactionBuffer implements ToldTransaction, TransactionInfo {
  readonly position: Lsn;
  readonly shortXid: number;
  /** Known once the transaction is seen in a snapshot; until then, its lower half. */
  xid: number;
  readonly #committedAtMs: number;
  readonly #limits: TransactionLimits;
  #receivedAtMs = 0;
  #raw: RawChange[] = [];
  #collapsed: Map<string, RawChange> | null = null;
  #unknown: Map<number, UnknownChange> | null = null;
  #messages: LogicalMessage[] | null = null;
  #bytes = 0;
  #redescribed = false;
  #lostMessages = false;
  #unreadable: Error | null = null;
  #committedAt: Date | null = null;
  #changes: readonly ChangeEvent[] | null = null;

  constructor(shortXid: number, commitLsn: Lsn, committedAtMs: number, limits: TransactionLimits) {
    this.position = commitLsn;
    this.shortXid = shortXid;
    this.xid = shortXid;
    this.#committedAtMs = committedAtMs;
    this.#limits = limits;
  }

  get commitLsn(): string {
    return formatLsn(this.position);
  }

  get committedAt(): Date {
    this.#committedAt ??= new Date(this.#committedAtMs);
    return this.#committedAt;
  }

  get messages(): readonly LogicalMessage[] {
    return this.#messages ?? NO_MESSAGES;
  }

  /** How many changes are held. */
  get size(): number {
    return this.#raw.length + (this.#collapsed?.size ?? 0);
  }

  /** How many bytes the changes and the messages hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is anything to tell. */
  get isRelevant(): boolean {
    return (
      this.size > 0 ||
      this.#messages !== null ||
      this.needsCatalog ||
      this.#lostMessages ||
      this.#unreadable !== null
    );
  }

  /** Whether it names a relation that is not known, or not as it is described now. */
  get needsCatalog(): boolean {
    return this.#redescribed || this.#unknown !== null;
  }

  /** Whether it carried more messages than are kept. */
  get hasLostMessages(): boolean {
    return this.#lostMessages;
  }

  get isCollapsed(): boolean {
    return this.#collapsed !== null && this.#collapsed.size > 0;
  }

  /** Whether further rows of a table, to which the same was done, need not be told any more. */
  covers(relation: Relation, operation: Operation): boolean {
    return this.#collapsed?.has(operationKey(relation, operation)) ?? false;
  }

  add(change: RawChange, bytes: number): void {
    if (this.#unreadable !== null || this.covers(change.relation, change.operation)) return;
    this.#changes = null;
    this.#raw.push(change);
    this.#bytes += bytes;
    if (this.#raw.length > this.#limits.maxChanges || this.#bytes > this.#limits.maxBytes) this.collapse();
  }

  /** Each table that has changed so far has changed as a whole. */
  collapse(): void {
    this.#collapsed ??= new Map();
    for (const { operation, relation } of this.#raw) {
      const key = operationKey(relation, operation);
      if (!this.#collapsed.has(key)) this.#collapsed.set(key, { ...WHOLE_TABLE, operation, relation });
    }
    this.#forgetRows();
  }

  /** Why not all of it could be read: then it may have changed anything, and no change of it is told. */
  get unreadable(): Error | null {
    return this.#unreadable;
  }

  becomeUnreadable(error: Error): void {
    this.#unreadable ??= error;
    this.#collapsed = null;
    this.#forgetRows();
  }

  #forgetRows(): void {
    this.#raw = [];
    this.#bytes = this.messages.reduce((bytes, { content }) => bytes + content.length, 0);
    this.#changes = null;
  }

  addMessage(message: LogicalMessage): void {
    const bytes = this.#bytes + message.content.length;
    this.#messages ??= [];
    if (this.#messages.length >= this.#limits.maxChanges || bytes > this.#limits.maxBytes) {
      this.#lostMessages = true;
      return;
    }
    this.#bytes = bytes;
    this.#messages.push(message);
  }

  /** It has altered a relation, or may have: the catalog shows how. */
  redescribed(): void {
    this.#redescribed = true;
  }

  /** A change of a relation that may turn out to be a part of a watched table. */
  addUnknown(oid: number, operation: Operation, describedAt: number): void {
    if (this.#unreadable !== null) return;
    this.#unknown ??= new Map();
    const operations = this.#unknown.get(oid)?.operations ?? new Set();
    this.#unknown.set(oid, { operations: operations.add(operation), describedAt });
    if (this.#unknown.size <= this.#limits.maxChanges) return;
    this.#unknown = null;
    this.becomeUnreadable(
      new PgCacheWatchError('UNREADABLE', 'A transaction has named more unknown tables than can be held', {
        remedy: 'Everything cached was dropped, and it goes on. If it recurs, publish fewer tables.',
      }),
    );
  }

  /** Tells what was not known when it arrived, of those relations, as a change of the whole table. */
  resolveUnknown(relations: Relations): void {
    if (this.#unknown === null) return;
    for (const [oid, { operations, describedAt }] of this.#unknown) {
      const relation = relations.table(oid);
      if (!relation) relations.settle(oid, describedAt);
      else for (const operation of operations) this.add({ ...WHOLE_TABLE, operation, relation }, 0);
    }
    this.#unknown = null;
  }

  /** The commit has arrived. */
  received(): void {
    this.#receivedAtMs = Date.now();
  }

  get changes(): readonly ChangeEvent[] {
    this.#changes ??= this.#events();
    return this.#changes;
  }

  #events(): readonly ChangeEvent[] {
    const occasion = new CommitOccasion(this, this.#receivedAtMs);
    const raw = this.#collapsed === null ? this.#raw : [...this.#collapsed.values(), ...this.#raw];
    return raw.map((each) => new RowChange(each, occasion));
  }
}

/** When a transaction's changes were made and heard of: seldom looked at, and then made. */
class CommitOccasion implements Occasion {
  readonly transaction: TransactionInfo & { readonly committedAt: Date };
  readonly origin = 'replication';
  readonly #receivedAtMs: number;
  #receivedAt: Date | null = null;

  constructor(transaction: TransactionInfo & { readonly committedAt: Date }, receivedAtMs: number) {
    this.transaction = transaction;
    this.#receivedAtMs = receivedAtMs;
  }

  get sentAt(): Date {
    return this.transaction.committedAt;
  }

  get receivedAt(): Date {
    this.#receivedAt ??= new Date(this.#receivedAtMs);
    return this.#receivedAt;
  }
}
