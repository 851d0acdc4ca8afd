import { sql } from '../sql.js';
import { type Locking, strongestLocks } from './lock.js';
import { textArray } from './text-array.js';

export interface LocksToTake {
  /** The position of the first step that needs one. */
  readonly before: number;
  /**
   * For PL/pgSQL: takes all locks, or none and raises `lock_not_available` (55P03), with the table that could not be
   * locked in the error's field `table`. Afterwards `lock_timeout` is what is left of the time.
   */
  readonly block: string;
}

/**
 * Law 5: all locks that steps need, taken before the first of them and within one limit.
 *
 * @returns `null` where there is nothing to take first: one lock alone is limited by `lock_timeout`
 */
export function takeLocks(steps: readonly Locking[], lockTimeoutMs: number): LocksToTake | null {
  const locks = strongestLocks(steps);
  if (locks.size < 2) return null;
  return {
    before: steps.findIndex(({ lock }) => lock !== null),
    block: sql('install/take-locks.sql', {
      tables: textArray([...locks.keys()]),
      modes: textArray([...locks.values()]),
      lock_timeout_ms: String(lockTimeoutMs),
    }).trim(),
  };
}
