import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import { type ConnectionOption, connect, disconnect } from '../connection.js';
import { readInTheWay, slotWaits } from './slot-blocked.js';

/** Most slots are there within milliseconds; the others deserve a connection to find out why not. */
const FIRST_LOOK_MS = 1_000;
const NEXT_LOOK_MS = 2_000;

/**
 * Finds out what the creation of a slot waits for, while it waits: the server answers its own connection only at the
 * end, and the gate connection has questions of its own.
 *
 * @param report what is waited for by now; `null`: not for a transaction
 * @returns what ends the looking, and resolves when its connection is closed
 */
export function watchSlotWait(
  connection: ConnectionOption,
  report: (reason: PgCacheWatchError | null) => void,
): () => Promise<void> {
  const ended = new AbortController();
  // Not to find out is no reason to give up.
  const looking = look(connection, report, ended.signal).catch(() => {});
  return () => {
    ended.abort();
    return looking;
  };
}

async function look(
  connection: ConnectionOption,
  report: (reason: PgCacheWatchError | null) => void,
  signal: AbortSignal,
): Promise<void> {
  await delay(FIRST_LOOK_MS, undefined, { signal });
  const client = await connect(connection, 'pgcachewatch start', signal);
  const abort = () => void disconnect(client);
  signal.addEventListener('abort', abort, { once: true });
  try {
    while (!signal.aborted) {
      const reason = await findReason(client);
      if (!signal.aborted) report(reason);
      await delay(NEXT_LOOK_MS, undefined, { signal });
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await disconnect(client);
  }
}

async function findReason(client: Client): Promise<PgCacheWatchError | null> {
  const { rows } = await client.query<{ waits: boolean }>(sql('replication/slot-waits.sql'));
  const found = rows[0]?.waits ? await readInTheWay(client) : null;
  return found && slotWaits(found);
}
