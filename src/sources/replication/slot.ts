import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { type Lsn, parseLsn } from '../../changes/lsn.js';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import type { DurableSlot } from './replication-options.js';

/** A slot as `pg_replication_slots` shows it. */
export interface SlotState {
  readonly plugin: string | null;
  readonly type: string;
  readonly database: string | null;
  readonly here: boolean | null;
  readonly temporary: boolean;
  readonly active_pid: number | null;
  readonly active_application: string | null;
  readonly confirmed: string | null;
  readonly lost: boolean;
  /** Whether what is published of the watched tables may have changed after the position that the slot stands at. */
  readonly republished: boolean;
}

/**
 * Runs on a replication connection: no query there can have parameters.
 *
 * @param publishedBy the ids of the transactions that last changed what is published of the watched tables
 */
export async function describeSlot(
  client: Client,
  name: string,
  publishedBy: readonly string[],
): Promise<SlotState | null> {
  const variables = { slot: name, published_by: `{${publishedBy.join(',')}}` };
  const { rows } = await client.query<SlotState>(sql('replication/slot.sql', variables));
  return rows[0] ?? null;
}

interface Created {
  readonly consistent_point: string;
}

/** A slot that goes with the connection, so that nothing can be left to fill the disk. */
export async function createTemporarySlot(client: Client): Promise<{ slot: string; confirmed: Lsn }> {
  const name = `pgcachewatch_${randomBytes(8).toString('hex')}`;
  // A replication command, of the grammar that every version since 10 has (PostgreSQL documentation, 54.4).
  const { rows } = await client.query<Created>(
    `CREATE_REPLICATION_SLOT ${client.escapeIdentifier(name)} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
  );
  return { slot: name, confirmed: consistentPoint(rows) };
}

/** Returns where it begins: everything that commits later is told. */
export async function createDurableSlot(client: Client, { name, failover }: DurableSlot): Promise<Lsn> {
  const slot = client.escapeIdentifier(name);
  const options = failover ? "(SNAPSHOT 'nothing', FAILOVER true)" : 'NOEXPORT_SNAPSHOT';
  const { rows } = await client.query<Created>(`CREATE_REPLICATION_SLOT ${slot} LOGICAL pgoutput ${options}`);
  return consistentPoint(rows);
}

function consistentPoint(rows: readonly Created[]): Lsn {
  return parseLsn(rows[0]?.consistent_point ?? '0/0');
}

export async function dropSlot(client: Client, name: string): Promise<void> {
  await client.query(`DROP_REPLICATION_SLOT ${client.escapeIdentifier(name)}`);
}

/** Where a slot stands: everything before it was confirmed. */
export function confirmedLsn(slot: SlotState): Lsn | null {
  return slot.confirmed === null ? null : parseLsn(slot.confirmed);
}

/**
 * Whether a slot of the wanted name is one that we can read.
 *
 * @throws PgCacheWatchError `SLOT_FOREIGN`, which waiting does not mend, `SLOT_IN_USE`, which it may
 */
export function requireUsable(name: string, slot: Omit<SlotState, 'republished'>): void {
  if (slot.type !== 'logical' || slot.plugin !== 'pgoutput' || !slot.here) {
    const what = slot.type === 'logical' ? `plugin ${slot.plugin}, database ${slot.database}` : slot.type;
    throw new PgCacheWatchError('SLOT_FOREIGN', `The replication slot ${name} is somebody else's (${what})`, {
      remedy: 'Choose another name in replication.slot; a slot belongs to one reader and one database.',
    });
  }
  if (slot.active_pid !== null) {
    const who = `process ${slot.active_pid}${slot.active_application ? `, ${slot.active_application}` : ''}`;
    throw new PgCacheWatchError('SLOT_IN_USE', `The replication slot ${name} is being read by ${who}`, {
      remedy: 'It is tried again until that one has ended. Two processes at a time need two slots.',
    });
  }
}
