import { type Client, type CustomTypesConfig, escapeIdentifier } from 'pg';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import { parseTableName } from '../table-name.js';
import { type ExactType, type WatchedColumn, type WatchedTable, WatchedTables } from '../watched-tables.js';

interface TableRow {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  readonly visible: boolean;
  readonly complete: boolean;
  readonly key: readonly string[];
  readonly columns: readonly { name: string; typeOid: number; exactType: ExactType | null }[] | null;
}

export interface ReadOptions {
  readonly channel: string;
  /** As SQL reads them; unset: every table with triggers. */
  readonly tables: readonly string[] | undefined;
  readonly types: CustomTypesConfig;
}

/** What the triggers of the database tell of. */
export interface Reading {
  readonly watched: WatchedTables;
  /** Tables that are wanted, and not told of, or only in part. */
  readonly unwatched: readonly string[];
  /** Equal texts: nothing that matters has changed between two readings. */
  readonly fingerprint: string;
}

/**
 * Reads from the catalog which tables are watched.
 *
 * @throws PgCacheWatchError `BAD_TABLE_NAME`, `NO_SUCH_TABLE`
 */
export async function readWatchedTables(client: Client, options: ReadOptions): Promise<Reading> {
  const { rows } = await client.query<TableRow>(sql('notify/watched-tables.sql'), [options.channel]);
  const wanted = options.tables && (await findTables(client, options.tables));
  const told = wanted ? rows.filter(({ oid }) => wanted.has(oid)) : rows;
  const complete = told.filter((row) => row.complete);
  const partial = told.filter((row) => !row.complete).map(({ schema, table }) => quoted(schema, table));
  const absent = [...(wanted ?? [])]
    .filter(([oid]) => !rows.some((row) => row.oid === oid))
    .map(([, name]) => name);
  return {
    watched: new WatchedTables(complete.map((row) => watchedTable(row, options.types))),
    unwatched: [...absent, ...partial],
    fingerprint: JSON.stringify(told),
  };
}

/** The oids of the tables that the names mean, with the names. */
async function findTables(client: Client, names: readonly string[]): Promise<Map<string, string>> {
  const identifiers = names.map((name) => {
    const { schema, table } = parseTableName(name);
    return schema === null ? escapeIdentifier(table) : quoted(schema, table);
  });
  const found = await client.query<{ name: string; oid: string | null }>(sql('notify/find-tables.sql'), [
    identifiers,
  ]);
  const missing = found.rows.filter(({ oid }) => oid === null).map(({ name }) => name);
  if (missing.length > 0) {
    throw new PgCacheWatchError('NO_SUCH_TABLE', `The database has no table ${missing.join(', ')}`, {
      remedy:
        'Correct the name in `tables`, or name the schema: a bare name is looked up on the search_path.',
    });
  }
  return new Map(found.rows.flatMap(({ name, oid }) => (oid === null ? [] : [[oid, name]])));
}

function watchedTable(row: TableRow, types: CustomTypesConfig): WatchedTable {
  const columns = (row.columns ?? []).map(({ name, typeOid, exactType }): WatchedColumn => {
    const parser: (text: string) => unknown = types.getTypeParser(typeOid, 'text');
    return { name, typeOid, exactType, parse: parser };
  });
  const key = row.key.map((name) => columns.find((column) => column.name === name));
  // The triggers name a column that is no longer there: until they are renewed, they tell of whole tables.
  const usable = key.every((column) => column !== undefined) ? key : [];
  return { schema: row.schema, table: row.table, visible: row.visible, key: usable, columns };
}

function quoted(schema: string, table: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}
