import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { inMilliseconds } from './script.js';
import { sqlStateOf } from './server-error.js';

/**
 * Looks at the database without waiting long for a lock: several functions of the catalog open the tables that
 * they tell of, and wait for whoever alters one.
 *
 * @param client not within a transaction; its `lock_timeout` is afterwards what it was
 * @throws PgCacheWatchError `LOCKED`
 */
export async function withLockTimeout<T>(
  client: Client,
  lockTimeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const { rows } = await client.query<{ before: string }>(
    "select pg_catalog.current_setting('lock_timeout') as before",
  );
  await set(client, inMilliseconds(lockTimeoutMs));
  try {
    return await work();
  } catch (error) {
    if (sqlStateOf(error) !== '55P03') throw error;
    throw new PgCacheWatchError(
      'LOCKED',
      `Could not look at the tables within ${lockTimeoutMs} ms: somebody is altering one. Nothing was changed`,
      {
        cause: error,
        sqlState: '55P03',
        remedy:
          'Run this again when it is done, or with a longer --lock-timeout (lockTimeoutMs). Who it is: ' +
          "SELECT pid, relation::regclass FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted;",
      },
    );
  } finally {
    await set(client, rows[0]?.before ?? '0');
  }
}

async function set(client: Client, value: string): Promise<void> {
  await client.query("select pg_catalog.set_config('lock_timeout', $1, false)", [value]);
}
