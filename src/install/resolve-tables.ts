import { type Client, escapeIdentifier } from 'pg';
import { asError, PgCacheWatchError } from '../errors.js';
import { parseTableName } from '../sources/table-name.js';
import { sql } from '../sql.js';
import { didYouMean, nearNames } from './near-names.js';
import { sqlStateOf } from './server-error.js';

// What to_regclass raises for texts that SQL cannot read as a name: invalid_name, syntax_error, and
// feature_not_supported for the name of another database.
const UNREADABLE = new Set(['42602', '42601', '0A000']);

export interface ResolvedTables {
  /** Their oids. */
  readonly tables: ReadonlySet<number>;
  /** `BAD_TABLE_NAME` or `NO_SUCH_TABLE`, one for each name that is wrong. */
  readonly wrong: readonly PgCacheWatchError[];
}

/**
 * Finds the tables by names as SQL reads them; it is the server that reads them, on the connection's search
 * path. A name is a parameter and never part of a statement.
 *
 * @param schemas where to look for a name without a schema, instead of the search path
 */
export async function resolveTables(
  client: Client,
  names: readonly string[],
  schemas: readonly string[],
): Promise<ResolvedTables> {
  const tables = new Set<number>();
  const wrong: PgCacheWatchError[] = [];
  for (const given of new Set(names)) {
    try {
      tables.add(await requireTable(client, given, schemas));
    } catch (error) {
      if (!(error instanceof PgCacheWatchError)) throw error;
      wrong.push(error);
    }
  }
  return { tables, wrong };
}

async function requireTable(client: Client, given: string, schemas: readonly string[]): Promise<number> {
  // Since PostgreSQL 16 the server would take a number, too, as an oid; it is no name.
  const isBare = parseTableName(given).schema === null;
  const within = isBare && schemas.length > 0;
  for (const name of within ? schemas.map((schema) => `${escapeIdentifier(schema)}.${given}`) : [given]) {
    const oid = await resolveTable(client, name);
    if (oid !== null) return oid;
  }
  const where = within ? ` in schema ${schemas.map(escapeIdentifier).join(', ')}` : '';
  throw new PgCacheWatchError('NO_SUCH_TABLE', `There is no table ${given}${where}`, {
    remedy: didYouMean(
      await nearNames(client, given),
      'Check the name, the database, and the search_path; a name with capitals needs double quotes.',
    ),
  });
}

/** The oid of the table that SQL would find by the name; `null`: none. */
export async function resolveTable(client: Client, name: string): Promise<number | null> {
  try {
    const { rows } = await client.query<{ oid: number | null }>(sql('install/resolve-table.sql'), [name]);
    return rows[0]?.oid ?? null;
  } catch (error) {
    const sqlState = sqlStateOf(error);
    const message = `${JSON.stringify(name)} cannot be looked up: ${asError(error).message}`;
    if (sqlState !== undefined && UNREADABLE.has(sqlState)) {
      const remedy = 'Write it as in SQL: orders, sales.items, or "Odd Name" in double quotes.';
      throw new PgCacheWatchError('BAD_TABLE_NAME', message, { cause: error, sqlState, remedy });
    }
    throw new PgCacheWatchError('SERVER', message, {
      cause: error,
      sqlState,
      remedy: 'Grant the role usage on the schema, or connect as the owner of the table.',
    });
  }
}

/** Throws the errors as one, under the code of the first, so that all can be mended at once. */
export function throwAll(errors: readonly PgCacheWatchError[]): void {
  const [first, ...others] = errors;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  throw new PgCacheWatchError(first.code, errors.map(({ message }) => message).join('; '), {
    remedy: [...new Set(errors.map(({ remedy }) => remedy))].filter((remedy) => remedy !== null).join(' '),
    cause: new AggregateError(errors),
  });
}
