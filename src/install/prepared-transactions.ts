import { PgCacheWatchError } from '../errors.js';

/**
 * A transaction that has notified cannot be prepared, so on a server where two-phase commit is in use, the
 * triggers would make writers fail.
 *
 * @returns the warnings, where that is allowed
 * @throws PgCacheWatchError `WOULD_BREAK_WRITERS` where it is not
 */
export function checkPreparedTransactions(maxPreparedTransactions: number, allowed: boolean): string[] {
  if (maxPreparedTransactions === 0) return [];
  const danger =
    `max_prepared_transactions is ${maxPreparedTransactions}: ` +
    'PREPARE TRANSACTION will fail in every transaction that has written to a watched table';
  if (allowed) return [`${danger}.`];
  throw new PgCacheWatchError('WOULD_BREAK_WRITERS', danger, {
    remedy:
      'Set max_prepared_transactions to 0 or, if nobody prepares transactions that write to these tables, ' +
      'install with --allow-prepared-transactions (allowPreparedTransactions: true).',
  });
}
