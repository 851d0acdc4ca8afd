import { PgCacheWatchError } from '../errors.js';
import type { AnyCacheOptions, CacheOptions, ContextCacheOptions } from './cache-options.js';
import { CachedCalls } from './cached-calls.js';
import type { CachedFunction } from './cached-function.js';
import { exposed } from './exposed.js';
import type { LoadContext } from './load-context.js';
import { resolveCacheOptions } from './resolve-cache-options.js';
import { singleLoader } from './single-loader.js';

/**
 * Wraps a function so that its results are cached, and dropped when what they depend on changes.
 *
 * With `context: true`, the function is handed a {@link LoadContext} as its last parameter, after those that
 * callers give.
 *
 * @throws PgCacheWatchError `BAD_OPTION`; and, if the source is live and the dependencies are a list,
 *   `NOT_WATCHED`
 */
export function cache<A extends unknown[], R>(
  load: (...args: [...A, LoadContext]) => R | PromiseLike<R>,
  options: ContextCacheOptions<A, R>,
): CachedFunction<A, R>;
export function cache<A extends unknown[], R>(
  load: (...args: A) => R | PromiseLike<R>,
  options: CacheOptions<A, R>,
): CachedFunction<A, R>;
export function cache<A extends unknown[], R>(
  load: (...args: never) => R | PromiseLike<R>,
  options: AnyCacheOptions<A, R>,
): CachedFunction<A, R> {
  if (typeof load !== 'function') throw new PgCacheWatchError('BAD_OPTION', 'cache needs a function to wrap');
  const resolved = resolveCacheOptions(options, load.name);
  return exposed(new CachedCalls(singleLoader(load, resolved), resolved), resolved.name);
}
