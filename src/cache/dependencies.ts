import { PgCacheWatchError } from '../errors.js';

/** All rows of a table. */
export interface TableDependency {
  readonly kind: 'table';
  readonly table: string;
}

/** One row of a table, by its key. */
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
 * Depends on one row, whether it exists by now or not: `row('orders', { id: 42 })`.
 *
 * Rows are told apart by the text of their key. Where that cannot be done exactly (other columns than the
 * table's key; a type such as `numeric`, of which equal values have several texts; a table whose changes
 * are not told by key) it depends on the whole table.
 */
export function row(name: string, key: Readonly<Record<string, unknown>>): RowDependency {
  if (typeof key !== 'object' || key === null || Object.keys(key).length === 0) {
    throw new PgCacheWatchError('BAD_OPTION', `row(${JSON.stringify(name)}, …) needs the columns of a key`, {
      remedy: "Write it as row('orders', { id: 42 }), or depend on the whole table with table('orders').",
    });
  }
  return { kind: 'row', table: name, key };
}
