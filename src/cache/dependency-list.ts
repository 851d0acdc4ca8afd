import { PgCacheWatchError } from '../errors.js';
import type { Dependency } from './dependencies.js';

/**
 * The dependencies as a list of our own: what was given may be gone through only once, or be altered later.
 * Whatever is no list of dependencies must not pass for an empty one, on which nothing depends.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function dependencyList(given: Iterable<Dependency>): readonly Dependency[] {
  const unchecked: unknown = given;
  if (typeof unchecked !== 'object' || unchecked === null || !(Symbol.iterator in unchecked)) {
    throw noList('dependsOn must be, or return, a list of dependencies');
  }
  const list = [...given];
  if (!list.every(isDependency)) throw noList('dependsOn lists what is no dependency');
  return list;
}

/** The option of a cache: a list is taken as it is now; a function is asked at each call. */
export function givenDependencies<A extends unknown[]>(
  dependsOn: Iterable<Dependency> | ((...args: A) => Iterable<Dependency>) | undefined,
): readonly Dependency[] | ((...args: A) => Iterable<Dependency>) | undefined {
  return dependsOn === undefined || typeof dependsOn === 'function' ? dependsOn : dependencyList(dependsOn);
}

function isDependency(each: unknown): boolean {
  if (typeof each === 'string') return true;
  return typeof each === 'object' && each !== null && 'kind' in each && 'table' in each;
}

function noList(message: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, {
    remedy: "Write a list, such as dependsOn: (id) => [row('orders', { id }), 'items'].",
  });
}
