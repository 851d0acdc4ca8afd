import { type RowDependency, row, type TableDependency, table } from './dependencies.js';

/** `table` and `row` that know the tables and columns of a schema. */
export interface DependenciesFor<Schema> {
  table(name: keyof Schema & string): TableDependency;
  row<T extends keyof Schema & string>(
    name: T,
    key: { readonly [C in keyof Schema[T]]?: unknown },
  ): RowDependency;
}

/**
 * `table` and `row`, checked by the compiler against a type that lists the tables and their columns, such as
 * the one that kysely or a generator has. Names in it are as SQL reads them.
 *
 * `const { row, table } = dependenciesFor<{ orders: { id: number; customer_id: number } }>();`
 */
export function dependenciesFor<Schema>(): DependenciesFor<Schema> {
  return { table, row };
}
