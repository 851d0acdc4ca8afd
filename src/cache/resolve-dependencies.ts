import { PgCacheWatchError } from '../errors.js';
import type { WatchedTable, WatchedTables } from '../sources/watched-tables.js';
import type { Dependency } from './dependencies.js';
import { exactText } from './exact-text.js';

/** A dependency, matched with what the source watches. Without `row`, on the whole table. */
export interface Resolved {
  readonly table: WatchedTable;
  readonly row: RowKey | null;
}

/** The columns of a key, in the order of the table's, and their texts. */
export interface RowKey {
  readonly columns: readonly string[];
  readonly texts: readonly string[];
}

/** @throws PgCacheWatchError `NOT_WATCHED`, `BAD_TABLE_NAME`, `BAD_OPTION` for a column that there is not */
export function resolveDependency(dependency: Dependency, watched: WatchedTables): Resolved {
  const name = typeof dependency === 'string' ? dependency : dependency.table;
  const table = watched.find(name);
  if (!table) throw notWatched(name, watched);
  if (typeof dependency === 'string' || dependency.kind === 'table') return { table, row: null };
  return { table, row: rowKey(table, dependency.key) };
}

/** `null` where the row cannot be matched exactly: the whole table is depended on then. */
function rowKey(table: WatchedTable, key: Readonly<Record<string, unknown>>): RowKey | null {
  const given = Object.keys(key);
  for (const name of given) {
    if (!table.columns.some((column) => column.name === name)) throw noSuchColumn(table, name);
  }
  if (given.length !== table.key.length) return null;
  const texts: string[] = [];
  for (const { name, exactType } of table.key) {
    const text = Object.hasOwn(key, name) && exactType !== null ? exactText(exactType, key[name]) : null;
    if (text === null) return null;
    texts.push(text);
  }
  return { columns: table.key.map(({ name }) => name), texts };
}

function notWatched(name: string, watched: WatchedTables): PgCacheWatchError {
  const known = [...watched].map(({ schema, table }) => `${schema}.${table}`).join(', ') || 'none';
  return new PgCacheWatchError(
    'NOT_WATCHED',
    `A cache depends on ${name}, which the source does not watch (it watches: ${known})`,
    {
      remedy:
        `Run: npx pgcachewatch install '${name}' --commit, and name the table in the source's \`tables\` if that ` +
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
