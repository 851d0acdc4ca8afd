import { sql } from '../sql.js';
import type { LockMode } from './lock.js';
import { textArray } from './text-array.js';

/**
 * For PL/pgSQL: takes all locks, or none and raises `lock_not_available` (55P03), with the table that could not be
 * locked in the error's field `table`. Afterwards `lock_timeout` is what is left of the time.
 */
export function takeLocks(locks: ReadonlyMap<string, LockMode>, lockTimeoutMs: number): string {
  return sql('install/take-locks.sql', {
    tables: textArray([...locks.keys()]),
    modes: textArray([...locks.values()]),
    lock_timeout_ms: String(lockTimeoutMs),
  }).trim();
}
