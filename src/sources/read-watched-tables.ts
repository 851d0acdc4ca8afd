import { type Client, type CustomTypesConfig, escapeIdentifier } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { sql } from '../sql.js';
import { readLookupSchemas } from './connection/lookup-schemas.js';
import type { OnceWatched } from './once-watched.js';
import { parseTableName } from './table-name.js';
import { type ExactType, type WatchedColumn, type WatchedTable, WatchedTables } from './watched-tables.js';
import type { SinceByOid } from './watching/catalog-since.js';

/** A table that a source hears of. For a partition tree, its root. */
export interface ToldTable {
  readonly oid: string;
  /** Whether it hears of every kind of change, anywhere in the tree. */
  readonly complete: boolean;
  /** The columns of the key that rows are told by; none: changes are of the whole table. */
  readonly key: readonly string[];
  /** Whether whole rows are told, before and after a change, as far as they fit. */
  readonly images: boolean;
  /** Columns of the key, or of whole rows, whose values not every change carries. Unset: none. */
  readonly untold?: readonly string[];
}

export interface ReadOptions {
  /** As SQL reads them; unset: every table that is told of. */
  readonly tables: readonly string[] | undefined;
  readonly types: CustomTypesConfig;
  /** What the source has watched before: a table of these that is missing does not stop it. */
  readonly onceWatched: OnceWatched;
}

/** What a source watches, as read from the catalog. */
export interface Reading {
  readonly watched: WatchedTables;
  /** The oids of the watched tables. */
  readonly byOid: ReadonlyMap<string, WatchedTable>;
  /** Their quoted names, by their oids. */
  readonly names: ReadonlyMap<string, string>;
  /** Tables that are wanted, and not told of, or only in part, or that are not there any more. */
  readonly unwatched: readonly string[];
  /** Since when each of the watched tables has been as it is. */
  readonly since: SinceByOid;
  /** Equal texts: nothing that matters has changed between two readings. */
  readonly fingerprint: string;
}

interface Description {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  readonly visible: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly typeOid: number;
    readonly declaredTypeOid: number;
    readonly generated: 'stored' | 'virtual' | null;
    readonly exactType: ExactType | null;
  }[];
}

/**
 * Makes out which tables are watched, of those that the source hears of.
 *
 * @param readSince reads since when tables have been watched as they are, by the oids of their roots
 * @throws PgCacheWatchError `BAD_TABLE_NAME`, `NO_SUCH_TABLE`
 */
export async function readWatchedTables(
  client: Client,
  told: readonly ToldTable[],
  { tables, types, onceWatched }: ReadOptions,
  readSince: (oids: readonly string[]) => Promise<SinceByOid>,
): Promise<Reading> {
  const schemas = await readLookupSchemas(client);
  const found = tables && (await findTables(client, tables, schemas));
  // One that goes while others are watched is no mistake in the program, and no reason to lose those.
  if (found && onceWatched.isEmpty && found.missing.length > 0) throw noSuchTable(found.missing);
  const wanted = found?.byOid;
  const heard = wanted ? told.filter(({ oid }) => wanted.has(oid)) : told;
  const { rows } = await client.query<Description>(sql('describe-tables.sql'), [
    heard.map(({ oid }) => oid),
    schemas,
  ]);
  const heardByOid = new Map(heard.map((each) => [each.oid, each]));
  const described = new Set(rows.map(({ oid }) => oid));
  const byOid = new Map<string, WatchedTable>();
  const unwatched = [...(wanted ?? [])].flatMap(([oid, name]) => (described.has(oid) ? [] : [name]));
  unwatched.push(...(found?.missing ?? []));
  for (const row of rows) {
    const told = heardByOid.get(row.oid);
    if (told?.complete) byOid.set(row.oid, watchedTable(row, told, types));
    else unwatched.push(quoted(row.schema, row.table));
  }
  const names = new Map([...byOid].map(([oid, { schema, table }]) => [oid, quoted(schema, table)]));
  const lost = await onceWatched.lost(client, names);
  const since = await readSince([...byOid.keys()]);
  const sorted = [...heard].sort((a, b) => a.oid.localeCompare(b.oid));
  const texts = [...since].map(([oid, { text }]) => `${oid} ${text}`).sort();
  const fingerprint = JSON.stringify([rows, sorted, lost, texts]);
  return {
    watched: new WatchedTables([...byOid.values()], lost),
    byOid,
    names,
    unwatched,
    since,
    fingerprint,
  };
}

/** The oids of the tables that the names mean, with the names; and the names that mean none. */
async function findTables(
  client: Client,
  names: readonly string[],
  schemas: readonly string[],
): Promise<{ readonly byOid: Map<string, string>; readonly missing: readonly string[] }> {
  const parsed = names.map(parseTableName);
  const found = await client.query<{ name: string; oid: string | null }>(sql('find-tables.sql'), [
    parsed.map(({ schema, table }) => (schema === null ? escapeIdentifier(table) : quoted(schema, table))),
    parsed.map(({ schema }) => schema),
    parsed.map(({ table }) => table),
    schemas,
  ]);
  const missing = found.rows.filter(({ oid }) => oid === null).map(({ name }) => name);
  return {
    byOid: new Map(found.rows.flatMap(({ name, oid }) => (oid === null ? [] : [[oid, name]]))),
    missing,
  };
}

function noSuchTable(missing: readonly string[]): PgCacheWatchError {
  return new PgCacheWatchError('NO_SUCH_TABLE', `The database has no table ${missing.join(', ')}`, {
    remedy: 'Correct the name in `tables`, or name the schema: a bare name is looked up on the search_path.',
  });
}

function watchedTable(
  row: Description,
  { key: keyNames, images, untold = [] }: ToldTable,
  types: CustomTypesConfig,
): WatchedTable {
  const columns = row.columns.map((column): WatchedColumn => {
    const parse: (text: string) => unknown = types.getTypeParser(column.typeOid, 'text');
    return { ...column, parse };
  });
  const key = keyNames.map((name) => columns.find((column) => column.name === name));
  // Triggers can name a column that is no longer there: until they are renewed, they tell of whole tables.
  const usable = key.every((column) => column !== undefined) ? key : [];
  const matchable = (images ? columns : usable).filter(
    // A virtual column's value is computed when it is read: neither the WAL nor a trigger has it. And a name with a
    // byte that is not UTF-8 may be that of several columns, as they are read here.
    ({ name, generated }) => generated !== 'virtual' && !untold.includes(name) && !name.includes('\ufffd'),
  );
  const { schema, table, visible } = row;
  return { schema, table, visible, key: usable, columns, matchable };
}

function quoted(schema: string, table: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}
