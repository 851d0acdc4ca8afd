import { PgCacheWatchError } from '../errors.js';
import type { AnyCacheOptions } from './cache-options.js';
import { CachedCalls } from './cached-calls.js';
import type { CachedFunction } from './cached-function.js';
import { exposed } from './exposed.js';
import type { ManyContext } from './load-context.js';
import { type Many, manyLoader } from './many-loader.js';
import { resolveCacheOptions } from './resolve-cache-options.js';

/** A cached function of one key, whose values can also be had for many keys at once. */
export interface CachedMany<K, V> extends CachedFunction<[key: K], V> {
  /**
   * The values in the order of the keys. Those that are not cached, and not being loaded by somebody else, are
   * loaded in one run. Rejects as a call for one key does.
   */
  getMany(keys: readonly K[]): Promise<V[]>;
}

/**
 * Caches a function that loads many keys in one query, key by key: each has its own entry, its own
 * dependencies, and one load at a time.
 *
 * The function returns a `Map` from keys to values, in which a key without a value is missing and its value
 * `undefined`; or the values in the order of the keys, one for each.
 *
 * @throws PgCacheWatchError as `cache` does. A call rejects with `BAD_BATCH` where the result does not go with
 *   the keys
 */
export function cacheMany<K, V>(
  load: (keys: readonly K[], context: ManyContext<K>) => ReadonlyMap<K, V> | PromiseLike<ReadonlyMap<K, V>>,
  options: AnyCacheOptions<[key: K], V | undefined>,
): CachedMany<K, V | undefined>;
export function cacheMany<K, V>(
  load: (keys: readonly K[], context: ManyContext<K>) => readonly V[] | PromiseLike<readonly V[]>,
  options: AnyCacheOptions<[key: K], V>,
): CachedMany<K, V>;
export function cacheMany<K, V>(
  load: (keys: readonly K[], context: ManyContext<K>) => Many<K, V> | PromiseLike<Many<K, V>>,
  options: AnyCacheOptions<[key: K], V | undefined>,
): CachedMany<K, V | undefined> {
  if (typeof load !== 'function') {
    throw new PgCacheWatchError('BAD_OPTION', 'cacheMany needs a function to wrap');
  }
  const resolved = resolveCacheOptions(options, load.name);
  const calls = new CachedCalls(manyLoader(load, resolved), resolved);
  return Object.assign(exposed(calls, resolved.name), {
    getMany: async (keys: readonly K[]) => {
      if (!Array.isArray(keys)) throw new PgCacheWatchError('BAD_OPTION', 'getMany needs a list of keys');
      return Promise.all(calls.many(keys.map((key): [K] => [key])));
    },
  });
}
