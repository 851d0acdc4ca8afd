import type { Client } from 'pg';
import { sql } from '../../sql.js';

const OPEN_WRITERS = sql('watching/open-writers.sql');
const STILL_OPEN = sql('watching/still-open.sql');

/** The ids of open transactions, by the oid of the table that they have written to. */
export type OpenWriters = ReadonlyMap<string, readonly string[]>;

/** @param oids tables, each the root of its tree */
export async function readOpenWriters(client: Client, oids: readonly string[]): Promise<OpenWriters> {
  const { rows } = await client.query<{ oid: string; writers: string[] }>(OPEN_WRITERS, [oids]);
  return new Map(rows.map(({ oid, writers }) => [oid, writers]));
}

/** Those of the transactions that have not ended. */
export async function readStillOpen(client: Client, xids: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ xid: string }>(STILL_OPEN, [xids]);
  return rows.map(({ xid }) => xid);
}
