import type { LogicalMessage } from '../../changes/logical-message.js';
import { PgCacheWatchError } from '../../errors.js';
import { fullXid, isVisible, type Snapshot } from './snapshot.js';
import type { TransactionBuffer } from './transaction-buffer.js';

/**
 * Transactions of which nothing is kept but that they are still to become visible. When all have, anything
 * may have changed: forgetting it earlier would let the values of before come back.
 */
export class Overflow {
  /** Our own messages: somebody waits for each of them. */
  readonly marks: LogicalMessage[] = [];
  #xids = new Set<number>();
  #needsCatalog = false;

  /** Whether one of them may have changed which tables there are. */
  get needsCatalog(): boolean {
    return this.#needsCatalog;
  }

  absorb(transaction: TransactionBuffer, isMark: (message: LogicalMessage) => boolean): void {
    this.#xids.add(transaction.shortXid);
    this.#needsCatalog ||= transaction.needsCatalog;
    for (const message of transaction.messages) if (isMark(message)) this.marks.push(message);
  }

  isVisible(snapshot: Snapshot): boolean {
    this.forgetVisible(snapshot);
    return this.#xids.size === 0;
  }

  /** What remains is no more than what runs on the server. */
  forgetVisible(snapshot: Snapshot): void {
    for (const xid of this.#xids) {
      if (isVisible(fullXid(xid, snapshot.xmax), snapshot)) this.#xids.delete(xid);
    }
  }
}

/** What is told when they have. */
export function overflow(): PgCacheWatchError {
  return new PgCacheWatchError('OVERFLOW', 'More changes were waiting to become visible than can be held', {
    remedy: 'If it recurs: a commit that waits for a synchronous standby holds back all that come after it.',
  });
}
