import type { Client } from 'pg';
import { sql } from '../../sql.js';
import { parseSearchPath } from './search-path.js';
import { sessionOf } from './session.js';

/**
 * The schemas that a user's bare name of a table is looked up in, in their order: those of the user's own search
 * path, as it was before the session was made ours. Read anew each time, for schemas come and go.
 */
export async function readLookupSchemas(client: Client): Promise<string[]> {
  const path = sessionOf(client)?.searchPath ?? (await showSearchPath(client));
  const { rows } = await client.query<{ schema: string }>(sql('connection/search-path.sql'), [path]);
  return rows.map(({ schema }) => schema);
}

/** Of a client that is not ours, as its owner has set it. */
async function showSearchPath(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ search_path: string }>(sql('connection/show-search-path.sql'));
  return parseSearchPath(rows[0]?.search_path ?? '');
}
