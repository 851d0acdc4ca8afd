import { PgCacheWatchError } from '../errors.js';
import type { ChangeSource } from '../sources/change-source.js';
import { greedy } from '../strategies/greedy.js';
import type { Strategy } from '../strategies/strategy.js';
import type { Dependency } from './dependencies.js';

export interface CacheOptions<A extends unknown[]> {
  /** Where changes are heard of. */
  readonly source: ChangeSource;
  /** When to drop. Default: `greedy()`. */
  readonly strategy?: Strategy | undefined;
  /** What a value is made of: a list, or a function of the arguments. Default: every watched table. */
  readonly dependsOn?: Iterable<Dependency> | ((...args: A) => Iterable<Dependency>) | undefined;
  /** What tells calls apart. Default: an injective encoding of all arguments. */
  readonly key?: ((...args: A) => unknown) | undefined;
  /** How many entries at most; the least recently used go first. Default: 10,000. */
  readonly max?: number | undefined;
  /** How old a value may become, counted from before its load. Default: no limit. */
  readonly ttlMs?: number | undefined;
  /** For people. Default: the function's own name. */
  readonly name?: string | undefined;
}

/** The same with the defaults filled in. */
export interface ResolvedCacheOptions<A extends unknown[]> extends CacheOptions<A> {
  readonly strategy: Strategy;
  readonly max: number;
}

const KNOWN: ReadonlySet<string> = new Set<keyof CacheOptions<[]>>([
  'source',
  'strategy',
  'dependsOn',
  'key',
  'max',
  'ttlMs',
  'name',
]);

/** @throws PgCacheWatchError `BAD_OPTION` */
export function resolveCacheOptions<A extends unknown[]>(options: CacheOptions<A>): ResolvedCacheOptions<A> {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw bad(`cache has no option ${JSON.stringify(name)}`);
  }
  const { source, strategy = greedy(), dependsOn, key, max = 10_000, ttlMs } = options;
  if (typeof source?.attach !== 'function')
    throw bad('cache needs a source', 'Pass what createSource() returned.');
  if (typeof strategy?.attach !== 'function')
    throw bad('strategy is not a strategy', 'Pass greedy(), for one.');
  if (key !== undefined && typeof key !== 'function') throw bad('key must be a function of the arguments');
  if (typeof dependsOn === 'string')
    throw bad('dependsOn must be a list', `Write [${JSON.stringify(dependsOn)}].`);
  if (!Number.isSafeInteger(max) || max < 1) throw bad(`max is ${max}; it must be a whole number above 0`);
  if (ttlMs !== undefined && !(Number.isSafeInteger(ttlMs) && ttlMs >= 1)) {
    throw bad(`ttlMs is ${ttlMs}; it must be a whole number of milliseconds above 0`);
  }
  return { ...options, strategy, max };
}

function bad(message: string, remedy?: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy });
}
