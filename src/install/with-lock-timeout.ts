import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { inMilliseconds } from './script.js';
import { sqlStateOf } from './server-error.js';
import { withSetting } from './with-setting.js';

/**
 * Looks at the database without waiting long for a lock: several functions of the catalog open the tables that
 * they tell of, and wait for whoever alters one.
 *
 * @param client not within a transaction
 * @throws PgCacheWatchError `LOCKED`
 */
export async function withLockTimeout<T>(
  client: Client,
  lockTimeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await withSetting(client, 'lock_timeout', inMilliseconds(lockTimeoutMs), work);
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
  }
}
