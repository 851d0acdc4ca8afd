import type { Client } from 'pg';
import { sql } from '../../sql.js';
import { readNotifyingTables } from '../notify/read-notifying-tables.js';
import type { Reading } from '../read-watched-tables.js';
import { readPublishedTables } from '../replication/read-published-tables.js';
import { type InTheWay, readInTheWay } from '../replication/slot-blocked.js';
import type { AutoOptions } from './auto-options.js';

/** What the server offers to this role. */
export interface Capabilities {
  readonly standby: boolean;
  readonly role: string;
  readonly wal_level: string;
  readonly may_replicate: boolean;
  readonly max_slots: number;
  /** Without the durable slot that is to be read. */
  readonly used_slots: number;
  /** Whether the durable slot that is to be read exists, and the process that reads it. */
  readonly has_slot: boolean;
  readonly slot_reader: number | null;
  readonly max_senders: number;
  readonly used_senders: number;
  readonly published: boolean;
}

export interface Findings extends Capabilities {
  /** Of the wanted tables, which each of the sources would tell of. */
  readonly publishedTables: Reading;
  readonly notifyingTables: Reading;
  /** The oldest transaction that has written and is open, in any database: creating a slot waits for it. */
  readonly writer: InTheWay | null;
}

/** @throws PgCacheWatchError `NO_SUCH_TABLE` */
export async function readFindings(client: Client, options: AutoOptions): Promise<Findings> {
  const parameters = [options.publication, options.slot?.name ?? null];
  const { rows } = await client.query<Capabilities>(sql('auto/capabilities.sql'), parameters);
  const [capabilities] = rows;
  if (capabilities === undefined) throw new Error('the server did not tell what it offers');
  return {
    ...capabilities,
    publishedTables: await readPublishedTables(client, options),
    notifyingTables: await readNotifyingTables(client, options),
    writer: await readInTheWay(client),
  };
}
