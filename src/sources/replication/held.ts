import type { Lsn } from '../../changes/lsn.js';
import { fullXid, isVisible, type Snapshot } from './snapshot.js';
import type { TransactionBuffer } from './transaction-buffer.js';

/** Something that waits until queries can see it. */
export interface Held {
  readonly changes: number;
  readonly bytes: number;
  /** `null`: it is nothing that was committed. */
  readonly committedAt: Date | null;
  /** What is acknowledged when it has been told: the irrelevant transactions after it, too. */
  upTo: Lsn | null;
  /** Whether it may be told, all before it having been. Asked again and again until it may. */
  isReady(snapshot: Snapshot): boolean;
  tell(): void;
}

/** What a transaction needs to be told. */
export interface Telling {
  /** Reads the catalog anew; what it holds by then is true of a transaction that is visible. */
  refresh(then: () => void): void;
  transaction(transaction: TransactionBuffer): void;
}

/** A transaction that is not known to be visible. */
export class HeldTransaction implements Held {
  readonly changes: number;
  readonly bytes: number;
  upTo: Lsn | null;
  readonly #transaction: TransactionBuffer;
  readonly #telling: Telling;
  #catalog: 'old' | 'reading' | 'read';

  constructor(transaction: TransactionBuffer, telling: Telling) {
    this.#transaction = transaction;
    this.#telling = telling;
    this.changes = transaction.size;
    this.bytes = transaction.bytes;
    this.upTo = transaction.position;
    this.#catalog = transaction.needsCatalog ? 'old' : 'read';
  }

  get committedAt(): Date {
    return this.#transaction.committedAt;
  }

  isReady(snapshot: Snapshot): boolean {
    const transaction = this.#transaction;
    const xid = fullXid(transaction.shortXid, snapshot.xmax);
    if (!isVisible(xid, snapshot)) return false;
    transaction.xid = xid;
    // Not before it is visible: until then, the catalog does not show what it has created.
    if (this.#catalog === 'old') {
      this.#catalog = 'reading';
      this.#telling.refresh(() => {
        this.#catalog = 'read';
      });
    }
    return this.#catalog === 'read';
  }

  tell(): void {
    this.#telling.transaction(this.#transaction);
  }
}
