import type { Column, Relation } from '../../changes/relation.js';
import type { WatchedTable } from '../watched-tables.js';
import type { Payload } from './payload.js';

/**
 * The table with the columns that a payload names, in its order: a trigger may be older than the table's
 * present key, and a column newer than what was last read of the table.
 */
export function relationOf(table: WatchedTable, { keyColumns, columns }: Payload): Relation {
  const sameKey =
    keyColumns.length === table.key.length && table.key.every(({ name }, i) => name === keyColumns[i]);
  if (sameKey && columns.length === 0) return table;
  const find = (name: string): Column =>
    table.columns.find((column) => column.name === name) ?? unknown(name);
  return {
    schema: table.schema,
    table: table.table,
    key: keyColumns.map(find),
    columns: columns.map(find),
  };
}

/** A column that was added a moment ago: its text, as it came. */
function unknown(name: string): Column {
  return { name, typeOid: 25, parse: (text) => text };
}
