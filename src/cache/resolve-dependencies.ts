import { PgCacheWatchError } from '../errors.js';
import { quoteForShell } from '../shell.js';
import type { SourceMode } from '../sources/change-source.js';
import type { WatchedColumn, WatchedTable, WatchedTables } from '../sources/watched-tables.js';
import type { Dependency } from './dependencies.js';
import { exactText } from './exact-text.js';

/** A dependency, matched with what the source watches. */
export interface Resolved {
  readonly table: WatchedTable;
  /** `null`: the whole table. */
  readonly row: RowKey | null;
  /** What had to be left out of account, so that more changes concern it than it says. */
  readonly widened: readonly Widening[];
}

/** Some columns, in the order of the table's, and their texts. */
export interface RowKey {
  readonly columns: readonly string[];
  readonly texts: readonly (string | null)[];
}

/**
 * Why a column cannot tell rows apart:
 * - `type`: equal values of its type can have several texts.
 * - `value`: the value is not one whose text in Postgres is beyond doubt.
 * - `untold`: the source does not tell its value before and after every change.
 */
export interface Widening {
  readonly column: string;
  readonly reason: 'type' | 'value' | 'untold';
}

/** @throws PgCacheWatchError `NOT_WATCHED`, `BAD_TABLE_NAME`, `BAD_OPTION` for a column that there is not */
export function resolveDependency(
  dependency: Dependency,
  { watched, mode }: { readonly watched: WatchedTables; readonly mode: SourceMode | null },
): Resolved {
  const name = typeof dependency === 'string' ? dependency : dependency.table;
  const table = watched.find(name);
  if (!table) throw notWatched(name, watched, mode);
  if (typeof dependency === 'string' || dependency.kind === 'table') return { table, row: null, widened: [] };
  return resolveRow(table, dependency.key);
}

function resolveRow(table: WatchedTable, key: Readonly<Record<string, unknown>>): Resolved {
  for (const name of Object.keys(key)) {
    if (!table.columns.some((column) => column.name === name)) throw noSuchColumn(table, name);
    if (key[name] === undefined) throw noValue(table, name);
  }
  const plain = plainRow(table, key);
  if (plain) return plain;
  const widened: Widening[] = [];
  const exact: { readonly column: WatchedColumn; readonly text: string | null }[] = [];
  for (const column of table.columns) {
    if (!Object.hasOwn(key, column.name)) continue;
    const text = matchText(column, key[column.name]);
    if (typeof text === 'object' && text !== null) widened.push({ column: column.name, reason: text.reason });
    else exact.push({ column, text });
  }
  const isTold = ({ column }: { column: WatchedColumn }) => table.matchable.includes(column);
  for (const { column } of exact.filter((each) => !isTold(each))) {
    widened.push({ column: column.name, reason: 'untold' });
  }
  // Without a column that every change tells, those are left that an INSERT may tell: any other change of the
  // table concerns it.
  const told = exact.filter(isTold);
  const used = told.length > 0 ? told : exact;
  if (used.length === 0) return { table, row: null, widened };
  const row = { columns: used.map(({ column }) => column.name), texts: used.map(({ text }) => text) };
  return { table, row, widened };
}

/** The most frequent case on its own, for it is there at every load: a single column that is told and exact. */
function plainRow(table: WatchedTable, key: Readonly<Record<string, unknown>>): Resolved | null {
  const [name, ...others] = Object.keys(key);
  const column = table.matchable.find((each) => each.name === name);
  if (column === undefined || others.length > 0) return null;
  const text = matchText(column, key[column.name]);
  if (typeof text === 'object' && text !== null) return null;
  return { table, row: { columns: [column.name], texts: [text] }, widened: [] };
}

/** The text by which the column's value is told from others; or why it cannot be. */
function matchText(
  { exactType }: WatchedColumn,
  value: unknown,
): string | null | { reason: 'type' | 'value' } {
  if (value === null) return null;
  if (exactType === null) return { reason: 'type' };
  return exactText(exactType, value) ?? { reason: 'value' };
}

function notWatched(name: string, watched: WatchedTables, mode: SourceMode | null): PgCacheWatchError {
  const known = [...watched].map(({ schema, table }) => `${schema}.${table}`).join(', ') || 'none';
  return new PgCacheWatchError(
    'NOT_WATCHED',
    `A cache depends on ${name}, which the source does not watch (it watches: ${known})`,
    {
      remedy:
        `Run: npx pgcachewatch install ${quoteForShell(name)} --mode ${mode ?? 'notify'} --commit, and name the table in the source's \`tables\` if that ` +
        'option is used. A table outside the search_path needs its schema: sales.items.',
    },
  );
}

function noSuchColumn({ schema, table, columns }: WatchedTable, name: string): PgCacheWatchError {
  const known = columns.map((column) => column.name).join(', ');
  return new PgCacheWatchError('BAD_OPTION', `${schema}.${table} has no column ${JSON.stringify(name)}`, {
    remedy: `Its columns are ${known}, as they are written in the catalog.`,
  });
}

function noValue({ schema, table }: WatchedTable, name: string): PgCacheWatchError {
  const message = `A cache depends on a row of ${schema}.${table} by ${JSON.stringify(name)}, which is undefined`;
  return new PgCacheWatchError('BAD_OPTION', message, {
    remedy: "Give a value, or null for SQL's NULL; or depend on the whole table with table().",
  });
}
