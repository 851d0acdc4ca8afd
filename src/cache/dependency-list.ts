import { inspect } from 'node:util';
import { defuse } from '../defuse.js';
import { PgCacheWatchError } from '../errors.js';
import { type Dependency, hasColumns } from './dependencies.js';

/**
 * What is no list must not pass for an empty one: the values would depend on nothing, and never be dropped.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function dependencyList(given: Iterable<Dependency>): readonly Dependency[] {
  if (typeof given !== 'object' || typeof given?.[Symbol.iterator] !== 'function') {
    defuse(given);
    throw new PgCacheWatchError(
      'BAD_OPTION',
      'dependsOn is not a list of dependencies, or does not give one',
      {
        remedy:
          "Write ['orders', row('items', { id: 42 })]. A function must give such a list at once, and no promise.",
      },
    );
  }
  const list = [...given];
  for (const each of list) {
    const mistake = mistakeIn(each);
    if (mistake !== null) throw refused(list, mistake);
  }
  return list;
}

/** What is given in the place of a dependency; `null` where it is one. */
function mistakeIn(given: unknown): string | null {
  if (typeof given === 'string') return null;
  if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof Promise)
    return `${shown(given)} for a dependency`;
  const { kind, table, key }: { kind?: unknown; table?: unknown; key?: unknown } = given;
  if (kind !== 'table' && kind !== 'row') return `an object whose kind is ${shown(kind)} for a dependency`;
  if (typeof table !== 'string') return `a dependency of the kind ${kind} whose table is ${shown(table)}`;
  if (kind === 'table' || hasColumns(key)) return null;
  const its = typeof key === 'object' && key !== null ? 'key names no column' : `key is ${shown(key)}`;
  return `a dependency on a row of ${table} whose ${its}`;
}

/** Without what is in it: that may be anything, and secret. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return inspect(value, { maxStringLength: 100 });
  return Array.isArray(value) ? 'a list' : value instanceof Promise ? 'a promise' : 'an object';
}

function refused(list: readonly unknown[], mistake: string): PgCacheWatchError {
  for (const each of list) defuse(each);
  return new PgCacheWatchError('BAD_OPTION', `dependsOn has ${mistake}`, {
    remedy:
      "A list is made of names of tables, and of what table('orders') and row('items', { id: 42 }) give, at once.",
  });
}
