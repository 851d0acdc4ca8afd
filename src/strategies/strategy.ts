import type { ChangeEvent } from '../changes/change-event.js';
import type { ChangeTransaction } from '../changes/change-transaction.js';

/** What a cache offers to its strategy. `E` is the cache's own kind of entry: to be collected and dropped. */
export interface StrategyContext<E> {
  /**
   * Drops entries, as far as they are still cached. Called while a transaction is applied, it takes effect
   * at the end of that, for all caches of the source together; called at another time, at once.
   */
  drop(entries: Iterable<E>): void;
}

/** A strategy at work in one cache. */
export interface ActiveStrategy<E> {
  /**
   * A transaction has committed. Must not wait. To throw is to have lost the transaction: the cache is
   * emptied.
   *
   * @param concerned the entries that a change concerns, by what they depend on. Valid for this call.
   */
  apply(transaction: ChangeTransaction, concerned: (change: ChangeEvent) => Iterable<E>): void;
  /** Every entry was dropped, after a gap or by the user: what was collected is void. */
  reset(): void;
  /** The cache is closed: no timer may be left. */
  close(): void;
}

/**
 * When to drop what changes concern. `dependsOn` says which entries those are. Can be handed to several
 * caches: each attaches its own.
 */
export interface Strategy {
  attach<E>(context: StrategyContext<E>): ActiveStrategy<E>;
}
