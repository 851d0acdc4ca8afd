import type { LogicalMessage } from '../../changes/logical-message.js';
import type { Lsn } from '../../changes/lsn.js';
import type { Waiting } from '../change-statistics.js';
import { Overflow } from './overflow.js';
import { fullXid, isVisible, type Snapshot } from './snapshot.js';
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
  /** What each transaction that waits last covers: the irrelevant ones after it are acknowledged with it. */
  #lastCovers: { upTo: Lsn | null } | undefined;
  #overflow: Overflow | undefined;
  readonly #times = new Set<Date>();
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
    return this.#times.values().next().value ?? null;
  }

  transaction(transaction: TransactionBuffer): void {
    const { limits, onApplied, onTransaction, onMessage, onOverflow, isMark } = this.#options;
    const { position, messages } = transaction;
    if (!transaction.isRelevant) {
      if (this.#lastCovers) this.#lastCovers.upTo = position;
      else onApplied(position);
      return;
    }
    if (this.#full()) return this.#absorb((overflow) => overflow.absorb(transaction, isMark), position);
    const fits =
      this.#changes + transaction.size <= limits.changes && this.#bytes + transaction.bytes <= limits.bytes;
    // One alone has limits of its own.
    if (!fits && this.#length > 0) transaction.collapse();
    const { size, bytes } = transaction;
    let catalog: 'old' | 'reading' | 'read' = transaction.needsCatalog ? 'old' : 'read';
    this.#enter(size, bytes, position, transaction.committedAt, {
      isReady: (snapshot) => {
        const xid = fullXid(transaction.shortXid, snapshot.xmax);
        if (!isVisible(xid, snapshot)) return false;
        transaction.fullXid = xid;
        // Not before it is visible: until then, the catalog does not show what it has created.
        if (catalog === 'old') {
          catalog = 'reading';
          this.#refresh(() => {
            catalog = 'read';
          });
        }
        return catalog === 'read';
      },
      pass: () => {
        onTransaction(transaction);
        for (const message of messages) onMessage(message);
        if (transaction.hasLostMessages) onOverflow();
      },
    });
  }

  message(message: LogicalMessage): void {
    if (this.#full()) return this.#absorb(() => {}, null);
    const bytes = message.content.length;
    const pass = () => this.#options.onMessage(message);
    this.#enter(0, bytes, null, null, { isReady: () => true, pass });
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
      this.#enter(0, 0, null, null, {
        isReady: (snapshot) => overflow.isVisible(snapshot),
        pass: () => {
          this.#overflow = undefined;
          for (const mark of overflow.marks) this.#options.onMessage(mark);
          this.#options.onOverflow();
          if (overflow.needsCatalog) this.#refresh(() => {});
        },
      });
    }
    into(this.#overflow);
    if (position !== null && this.#lastCovers) this.#lastCovers.upTo = position;
  }

  #enter(
    size: number,
    bytes: number,
    position: Lsn | null,
    since: Date | null,
    waiting: { isReady(snapshot: Snapshot): boolean; pass(): void },
  ): void {
    const covers = { upTo: position };
    this.#lastCovers = covers;
    this.#length++;
    this.#changes += size;
    this.#bytes += bytes;
    if (since) this.#times.add(since);
    this.#gate.add({
      isReady: (snapshot) => waiting.isReady(snapshot),
      pass: () => {
        this.#length--;
        this.#changes -= size;
        this.#bytes -= bytes;
        if (since) this.#times.delete(since);
        if (this.#lastCovers === covers) this.#lastCovers = undefined;
        waiting.pass();
        if (covers.upTo !== null) this.#options.onApplied(covers.upTo);
      },
    });
  }

  #refresh(then: () => void): void {
    this.#options.refresh().then(then, this.#options.onError);
  }
}
