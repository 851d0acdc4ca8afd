import { PgCacheWatchError } from './errors.js';

/** The longest that Node's timers can wait: longer ones fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** @throws PgCacheWatchError `BAD_OPTION` where it is not a whole number of milliseconds, above 0 */
export function requireDuration(name: string, ms: unknown): void {
  if (typeof ms === 'number' && Number.isSafeInteger(ms) && ms >= 1 && ms <= LONGEST_MS) return;
  throw new PgCacheWatchError('BAD_OPTION', `${name} is ${String(ms)}`, {
    remedy: `It must be a whole number of milliseconds, from 1 to ${LONGEST_MS} (24 days).`,
  });
}
