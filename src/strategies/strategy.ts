import type { ChangeEvent } from '../changes/change-event.js';
import type { ChangeTransaction } from '../changes/change-transaction.js';
import type { Clock } from '../clock.js';

/**
 * Cached entries that changes have concerned and that are to be dropped. An entry that goes for another
 * reason leaves it, and a value that was loaded after a change is not concerned by that.
 */
export interface Collection {
  /** Adds the entries that the change concerns. Returns whether there are any. */
  add(change: ChangeEvent): boolean;
  /**
   * Drops what was added, and is empty then. Called while a transaction is applied, it takes effect at the
   * end of that, for all caches of the source together; called at another time, at once.
   */
  drop(): void;
}

/** What a cache offers to its strategy. */
export interface StrategyContext {
  /** A new collection, empty. */
  collection(): Collection;
  /** The time to go by. */
  readonly clock: Clock;
}

/** A strategy at work in one cache. */
export interface ActiveStrategy {
  /**
   * A transaction has committed. Must not wait. To throw is to have lost the transaction: the cache is
   * emptied.
   */
  apply(transaction: ChangeTransaction): void;
  /** Every entry was dropped, after a gap or by the user, and the collections are empty. */
  reset(): void;
  /** The cache is closed: no timer may be left. */
  close(): void;
}

/**
 * When to drop what changes concern. `dependsOn` says which entries those are. Can be handed to several
 * caches: each attaches its own.
 */
export interface Strategy {
  attach(context: StrategyContext): ActiveStrategy;
}
