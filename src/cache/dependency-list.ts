import { defuse } from '../defuse.js';
import { PgCacheWatchError } from '../errors.js';
import type { Dependency } from './dependencies.js';

/**
 * What is no list must not pass for an empty one: the values would depend on nothing, and never be dropped.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function dependencyList(given: Iterable<Dependency>): readonly Dependency[] {
  const isList = typeof given === 'object' && typeof given?.[Symbol.iterator] === 'function';
  const list = isList ? [...given] : null;
  if (list?.every(isDependency)) return list;
  defuse(given);
  throw new PgCacheWatchError('BAD_OPTION', 'dependsOn is not a list of dependencies, or does not give one', {
    remedy:
      "Write ['orders', row('items', { id: 42 })]. A function must give such a list at once, and no promise.",
  });
}

function isDependency(given: unknown): boolean {
  if (typeof given === 'string') return true;
  return typeof given === 'object' && given !== null && 'kind' in given && 'table' in given;
}
