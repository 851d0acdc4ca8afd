import type { Client } from 'pg';
import { sql } from '../../sql.js';

/**
 * Since when a table has been watched, and its columns have meant what they mean. DDL that was taken back leaves the
 * catalog as it was, but for this.
 */
export interface Since {
  /** Equal texts: nothing has been altered in between. */
  readonly text: string;
  /** Whether it can have been altered while a transaction was open that had written to the table. */
  readonly isUnlocked: boolean;
  /** The transaction id of the last change to its publication; `null` in mode notify. */
  readonly youngest: string | null;
}

interface Row {
  readonly oid: string;
  readonly since: string;
  readonly unlocked?: boolean;
  readonly youngest?: string;
}

const DEFINITIONS = sql('watching/definitions-since.sql');
const TRIGGERS = sql('notify/triggers-since.sql');
const PUBLISHED = sql('replication/published-since.sql');

/** By the oids of the tables, of which each is the root of its tree. */
export type SinceByOid = ReadonlyMap<string, Since>;

/** Of tables whose triggers notify the channel. */
export function readTriggersSince(
  client: Client,
  oids: readonly string[],
  channel: string,
): Promise<SinceByOid> {
  return readSince(client, oids, TRIGGERS, channel);
}

/** Of tables in the publication. */
export function readPublishedSince(
  client: Client,
  oids: readonly string[],
  publication: string,
): Promise<SinceByOid> {
  return readSince(client, oids, PUBLISHED, publication);
}

async function readSince(
  client: Client,
  oids: readonly string[],
  watching: string,
  by: string,
): Promise<SinceByOid> {
  const { rows: watched } = await client.query<Row>(watching, [oids, by]);
  const { rows: defined } = await client.query<Row>(DEFINITIONS, [oids]);
  const definitions = new Map(defined.map((row) => [row.oid, row]));
  return new Map(
    watched.map(({ oid, since, unlocked = false, youngest = null }) => {
      const definition = definitions.get(oid);
      const text = `${since} ${definition?.since ?? ''}`;
      return [oid, { text, isUnlocked: unlocked || definition?.unlocked === true, youngest }];
    }),
  );
}
