import type { Client } from 'pg';
import { sql } from '../../sql.js';
import { type Reading, type ReadOptions, readWatchedTables, type ToldTable } from '../read-watched-tables.js';
import { readTriggersSince } from '../watching/catalog-since.js';

/** Reads which tables have triggers that tell the channel of everything. */
export async function readNotifyingTables(
  client: Client,
  options: ReadOptions & { readonly channel: string },
): Promise<Reading> {
  const { rows } = await client.query<ToldTable>(sql('notify/watched-tables.sql'), [options.channel]);
  return readWatchedTables(client, rows, options, (oids) => readTriggersSince(client, oids, options.channel));
}
