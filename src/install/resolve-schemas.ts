import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { parseTableName } from '../sources/table-name.js';
import { sql } from '../sql.js';
import { didYouMean, nearest } from './near-names.js';

interface Schema {
  readonly name: string;
  /** As it has to be written. */
  readonly written: string;
}

/**
 * The schemas of these names, as the catalog has them.
 *
 * @param given as SQL reads them
 * @throws PgCacheWatchError `NO_SUCH_SCHEMA`, `BAD_TABLE_NAME`
 */
export async function resolveSchemas(client: Client, given: readonly string[]): Promise<string[]> {
  if (given.length === 0) return [];
  const { rows } = await client.query<Schema>(sql('install/schemas.sql'));
  return [...new Set(given.map((text) => find(text, rows)))];
}

function find(given: string, schemas: readonly Schema[]): string {
  const { schema, table: name } = parseTableName(given);
  if (schema === null && schemas.some((each) => each.name === name)) return name;
  const candidates = schemas.map((each) => ({ written: each.written, schema: '', table: each.name }));
  throw new PgCacheWatchError('NO_SUCH_SCHEMA', `There is no schema ${given} of a user's`, {
    remedy: didYouMean(
      schema === null ? nearest(given, candidates) : [],
      'Check the name and the database; a name with capitals needs double quotes.',
    ),
  });
}
