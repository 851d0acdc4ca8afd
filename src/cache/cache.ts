import { PgCacheWatchError } from '../errors.js';
import { type CacheOptions, resolveCacheOptions } from './cache-options.js';
import { CachedCalls } from './cached-calls.js';
import type { CacheStatistics } from './statistics.js';

/** A function whose results are kept until the rows behind them change. */
export interface CachedFunction<A extends unknown[], R> {
  /**
   * The cached result, or that of a new load. While the source is not live it loads every time.
   *
   * Rejects as the function does, and with a PgCacheWatchError: `BAD_KEY`, `NOT_WATCHED`, `BAD_OPTION`.
   */
  (...args: A): Promise<R>;
  /** The promise that a call would return now without loading, if there is one; it may be pending. */
  peek(...args: A): Promise<R> | undefined;
  /** Drops what is cached for these arguments. Returns whether there was anything. */
  invalidate(...args: A): boolean;
  /** Drops everything. */
  clear(): void;
  /** Drops everything, and leaves the source: from now on, every call loads. */
  close(): void;
  readonly statistics: CacheStatistics;
}

/**
 * Wraps a function so that its results are cached, and dropped when what they depend on changes.
 *
 * @throws PgCacheWatchError `BAD_OPTION`; and, if the source is live and the dependencies are a list,
 *   `NOT_WATCHED`
 */
export function cache<A extends unknown[], R>(
  load: (...args: A) => R | PromiseLike<R>,
  options: CacheOptions<A>,
): CachedFunction<A, R> {
  if (typeof load !== 'function') throw new PgCacheWatchError('BAD_OPTION', 'cache needs a function to wrap');
  const resolved = resolveCacheOptions(options);
  const calls = new CachedCalls(load, resolved);
  const cached = Object.assign((...args: A): Promise<R> => calls.call(args), {
    peek: (...args: A) => calls.peek(args),
    invalidate: (...args: A) => calls.invalidate(args),
    clear: () => calls.clear(),
    close: () => calls.close(),
    statistics: calls.statistics,
  });
  Object.defineProperty(cached, 'statistics', { get: () => calls.statistics });
  Object.defineProperty(cached, 'name', { value: resolved.name ?? load.name, configurable: true });
  return cached;
}
