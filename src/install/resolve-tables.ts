import { type Client, escapeIdentifier } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { readLookupSchemas } from '../sources/connection/lookup-schemas.js';
import { parseTableName } from '../sources/table-name.js';
import { sql } from '../sql.js';
import { didYouMean, nearNames } from './near-names.js';

interface Found {
  readonly oid: number;
  readonly schema: string;
  /** Whether the role may look into the schema. */
  readonly usable: boolean;
}

export interface ResolvedTables {
  /** Their oids. */
  readonly tables: ReadonlySet<number>;
  /** `BAD_TABLE_NAME` or `NO_SUCH_TABLE`, one for each name that is wrong. */
  readonly wrong: readonly PgCacheWatchError[];
}

/**
 * Finds the tables by names as SQL reads them, on the user's search path. A name is a parameter and never part of a
 * statement.
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
  const oid = await resolveTable(client, given, within ? schemas : await readLookupSchemas(client));
  if (oid !== null) return oid;
  const where = within ? ` in schema ${schemas.map(escapeIdentifier).join(', ')}` : '';
  throw new PgCacheWatchError('NO_SUCH_TABLE', `There is no table ${given}${where}`, {
    remedy: didYouMean(
      await nearNames(client, given),
      'Check the name, the database, and the search_path; a name with capitals needs double quotes.',
    ),
  });
}

/**
 * The oid of the table that SQL would find by the name; `null`: none.
 *
 * @param schemas where a name without a schema is looked up, in their order
 */
export async function resolveTable(
  client: Client,
  name: string,
  schemas: readonly string[] = [],
): Promise<number | null> {
  const { schema, table } = parseTableName(name);
  const { rows } = await client.query<Found>(sql('install/resolve-table.sql'), [schema, table, schemas]);
  const [found] = rows;
  if (found === undefined) return null;
  if (!found.usable) {
    throw new PgCacheWatchError(
      'SERVER',
      `${JSON.stringify(name)} cannot be looked up: permission denied for schema ${found.schema}`,
      {
        sqlState: '42501',
        remedy: 'Grant the role usage on the schema, or connect as the owner of the table.',
      },
    );
  }
  return found.oid;
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
