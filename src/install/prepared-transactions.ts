import { PgCacheWatchError } from '../errors.js';
import type { Part } from './part.js';

/**
 * A transaction that has notified cannot be prepared, so on a server where two-phase commit is in use, the
 * triggers would make writers fail.
 */
export function preparedTransactions(
  maxPreparedTransactions: number,
  allowed: boolean,
): Pick<Part, 'warnings' | 'errors'> {
  if (maxPreparedTransactions === 0) return { warnings: [], errors: [] };
  const danger =
    `max_prepared_transactions is ${maxPreparedTransactions}: ` +
    'PREPARE TRANSACTION will fail in every transaction that has written to a watched table';
  if (allowed) return { warnings: [`${danger}.`], errors: [] };
  const error = new PgCacheWatchError('WOULD_BREAK_WRITERS', danger, {
    remedy:
      'Set max_prepared_transactions to 0 or, if nobody prepares transactions that write to these tables, ' +
      'install with --allow-prepared-transactions (allowPreparedTransactions: true).',
  });
  return { warnings: [], errors: [error] };
}
