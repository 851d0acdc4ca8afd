const FIRST_MS = 100;
const CAP_MS = 30_000;
/** Between failed logins. */
const SLOW_MS = 300_000;

/**
 * How long to wait before the next attempt to connect, in milliseconds: doubling from 100 ms to 30 s,
 * of which a random half is taken off so that many clients do not come back at the same moment.
 *
 * @param slow wait five minutes instead: after a failed login
 * @param attempt how many attempts have failed in a row, from 1
 * @param random in [0, 1)
 */
export function backoffMs(attempt: number, random: number, slow = false): number {
  const full = slow ? SLOW_MS : Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  return full * (1 - random / 2);
}
