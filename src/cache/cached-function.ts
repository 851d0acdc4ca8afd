import type { CallOptions } from './call-options.js';
import type { Explanation } from './explain.js';
import type { CacheStatistics } from './statistics.js';

/** A function whose results are kept until the rows behind them change. */
export interface CachedFunction<A extends unknown[], R> {
  /**
   * The cached result, or that of a new load. While the source is not live it loads every time, unless
   * `whenInterrupted` says otherwise.
   *
   * Rejects as the function does, and with a PgCacheWatchError: `BAD_KEY`, `NOT_WATCHED`, `BAD_OPTION`,
   * `LOAD_TIMEOUT`.
   */
  (...args: A): Promise<R>;
  /**
   * A result at least as new as every change that was committed before this call, by anyone, whatever the
   * strategy would put up with; but for changes that its predicate does not count. It costs a round trip to the server, which calls of the same moment share;
   * the cached result is used if nothing has changed.
   */
  fresh(...args: A): Promise<R>;
  /** The same function with options for its calls: `getOrder.with({ signal })(42)`. */
  with(options: CallOptions): (...args: A) => Promise<R>;
  /** The promise that a call would return now without loading, if there is one; it may be pending. */
  peek(...args: A): Promise<R> | undefined;
  /** Drops what is cached for these arguments. Returns whether there was anything. */
  invalidate(...args: A): boolean;
  /** Drops everything. */
  clear(): void;
  /** Drops everything, and leaves the source: from now on, every call loads. */
  close(): void;
  /** Why the value for these arguments is cached or is not, what would drop it, and what last did. */
  explain(...args: A): Explanation;
  readonly statistics: CacheStatistics;
}
