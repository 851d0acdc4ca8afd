import type { LogicalMessage } from '../../changes/logical-message.js';
import type { Lsn } from '../../changes/lsn.js';
import type { Waiting } from '../change-statistics.js';
import { type Held, HeldTransaction, type Telling } from './held.js';
import { Overflow } from './overflow.js';
import type { Snapshot } from './snapshot.js';
import type { TransactionBuffer } from './transaction-buffer.js';
import { VisibilityGate } from './visibility-gate.js';

export interface BacklogLimits {
  /** Held by all that wait: past one of these, what more comes is held as changes of whole tables. */
  readonly changes: number;
  readonly bytes: number;
  /** Transactions and messages that wait: past it, what more comes becomes one overflow. */
  readonly length: number;
}

export interface BacklogOptions {
  readonly limits: BacklogLimits;
  readonly gated: boolean;
  readonly snapshot: () => Promise<Snapshot>;
  /** Reads the catalog anew; what it holds by then is true of a transaction that is visible. */
  readonly refresh: () => Promise<void>;
  /** Everything that a query can see by now is told here, in order. */
  readonly onTransaction: (transaction: TransactionBuffer) => void;
  readonly onMessage: (message: LogicalMessage) => void;
  /** Instead of a transaction, or of something outside of transactions, that could not be read. */
  readonly onUnreadable: (error: Error) => void;
  /** Transactions and messages that were not kept have become visible. */
  readonly onOverflow: () => void;
  /** All up to the transaction whose commit record begins here is told. */
  readonly onApplied: (commitLsn: Lsn) => void;
  /** Whether a message is one to ourselves, which must arrive whatever else is dropped. */
  readonly isMark: (message: LogicalMessage) => boolean;
  /** What can be seen takes its time to be told: nothing more should come until it is. */
  readonly onBusy: (busy: boolean) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * What has been received and cannot be seen yet, bounded: where a commit waits for a synchronous standby
 * that is away, everything behind it waits too, and the stream does not stop for it.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #gate: VisibilityGate;
  /** What waits last. */
  #last: Held | undefined;
  #overflow: Overflow | undefined;
  readonly #telling: Telling = {
    refresh: (then) => void this.#options.refresh().then(then, this.#options.onError),
    transaction: (transaction) => this.#tell(transaction),
  };
  #length = 0;
  #changes = 0;
  #bytes = 0;

  constructor(options: BacklogOptions) {
    this.#options = options;
    const { gated, snapshot, onBusy, onError } = options;
    this.#gate = new VisibilityGate({
      gated,
      snapshot,
      onBusy,
      onError,
      onPass: (held) => this.#pass(held),
      onLook: (seen) => this.#overflow?.forgetVisible(seen),
    });
  }

  begin(): Promise<void> {
    return this.#gate.begin();
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get waiting(): Waiting {
    return { transactions: this.#length, changes: this.#changes, bytes: this.#bytes };
  }

  /** When that committed which has waited longest. */
  get oldest(): Date | null {
    for (const { committedAt } of this.#gate.waiting) if (committedAt) return committedAt;
    return null;
  }

  transaction(transaction: TransactionBuffer): void {
    const { limits, onApplied, isMark } = this.#options;
    const { position } = transaction;
    if (!transaction.isRelevant) {
      if (this.#last) this.#last.upTo = position;
      else onApplied(position);
      return;
    }
    if (this.#full()) return this.#absorb((overflow) => overflow.absorb(transaction, isMark), position);
    const fits =
      this.#changes + transaction.size <= limits.changes && this.#bytes + transaction.bytes <= limits.bytes;
    // One alone has limits of its own.
    if (!fits && this.#length > 0) transaction.collapse();
    this.#enter(new HeldTransaction(transaction, this.#telling));
  }

  /** Something outside of transactions could not be read. */
  unreadable(error: Error): void {
    if (this.#full()) return this.#absorb(() => {}, null);
    this.#enter(nothingCommitted(0, () => this.#options.onUnreadable(error)));
  }

  message(message: LogicalMessage): void {
    if (this.#full()) return this.#absorb(() => {}, null);
    this.#enter(nothingCommitted(message.content.length, () => this.#options.onMessage(message)));
  }

  close(): void {
    this.#gate.close();
  }

  #full(): boolean {
    const { length, bytes } = this.#options.limits;
    return this.#overflow !== undefined || this.#length >= length || this.#bytes > bytes;
  }

  /** Leaves room for the overflow itself to be the last thing that waits. */
  #absorb(into: (overflow: Overflow) => void, position: Lsn | null): void {
    if (this.#overflow === undefined) {
      const overflow = new Overflow();
      this.#overflow = overflow;
      const tell = () => {
        this.#overflow = undefined;
        for (const mark of overflow.marks) this.#options.onMessage(mark);
        this.#options.onOverflow();
        if (overflow.needsCatalog) this.#telling.refresh(() => {});
      };
      this.#enter({ ...nothingCommitted(0, tell), isReady: (snapshot) => overflow.isVisible(snapshot) });
    }
    into(this.#overflow);
    if (position !== null && this.#last) this.#last.upTo = position;
  }

  #enter(held: Held): void {
    this.#last = held;
    this.#length++;
    this.#changes += held.changes;
    this.#bytes += held.bytes;
    this.#gate.add(held);
  }

  #pass(held: Held): void {
    this.#length--;
    this.#changes -= held.changes;
    this.#bytes -= held.bytes;
    if (this.#last === held) this.#last = undefined;
    held.tell();
    if (held.upTo !== null) this.#options.onApplied(held.upTo);
  }

  #tell(transaction: TransactionBuffer): void {
    const { onTransaction, onMessage, onOverflow, onUnreadable } = this.#options;
    if (transaction.unreadable) onUnreadable(transaction.unreadable);
    else onTransaction(transaction);
    for (const message of transaction.messages) onMessage(message);
    if (transaction.hasLostMessages) onOverflow();
  }
}

function nothingCommitted(bytes: number, tell: () => void): Held {
  return { changes: 0, bytes, committedAt: null, upTo: null, isReady: (_: Snapshot) => true, tell };
}
