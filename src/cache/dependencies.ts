import { PgCacheWatchError } from '../errors.js';

/** All rows of a table. */
export interface TableDependency {
  readonly kind: 'table';
  readonly table: string;
}

/** The rows of a table that have these values: before a change, or after it. */
export interface RowDependency {
  readonly kind: 'row';
  readonly table: string;
  readonly key: Readonly<Record<string, unknown>>;
}

/** What a cached value was made of. A text is short for `table(text)`. */
export type Dependency = TableDependency | RowDependency | string;

/** Depends on every row of a table. The name is read as SQL reads it: `orders`, `sales.items`, `"Odd"`. */
export function table(name: string): TableDependency {
  return { kind: 'table', table: name };
}

/**
 * Depends on the rows that have these values, whether there are any by now or not: `row('orders', { id: 42 })`,
 * or, for a list, `row('orders', { customer_id: 7 })`. A row that takes on the values concerns it, and so
 * does one that loses them. `null` is SQL's NULL.
 *
 * Rows are matched by the columns of which the source tells the value before and after every change: those
 * of the key, or all where it tells whole rows (REPLICA IDENTITY FULL; triggers of `--level row`); and by
 * types of which equal values have one text: integers, text, uuid, boolean, enums. The other columns are left
 * out of account, and if none is left, it depends on the whole table. A warning says so, once.
 */
export function row(name: string, key: Readonly<Record<string, unknown>>): RowDependency {
  if (!hasColumns(key)) {
    throw new PgCacheWatchError('BAD_OPTION', `row(${JSON.stringify(name)}, …) needs the columns of a key`, {
      remedy: "Write it as row('orders', { id: 42 }), or depend on the whole table with table('orders').",
    });
  }
  return { kind: 'row', table: name, key };
}

/** Whether it can be the key of a row dependency, which without a column would be of every row. */
export function hasColumns(key: unknown): boolean {
  return typeof key === 'object' && key !== null && Object.keys(key).length > 0;
}
