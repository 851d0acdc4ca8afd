import type { ErrorCode, PgCacheWatchError } from '../../errors.js';
import { classifyError } from '../classify-error.js';

/** What replication waits for as long as others want it to. */
const HELD_BY_OTHERS: ReadonlySet<ErrorCode> = new Set(['SLOT_IN_USE', 'SLOT_BLOCKED']);

/** No slot is free (configuration_limit_exceeded); no sender is (too_many_connections). */
const NONE_FREE: ReadonlySet<string> = new Set(['53400', '53300']);

/** The connection broke, or the server is being stopped or started: the same happens to notify, and passes. */
const PASSING = /^(08|57)/;

/**
 * The error for which notify stands in for replication, where notify works; `null`: replication is tried again.
 *
 * @param failures how many attempts at replication have failed in a row, this one included: once may be chance
 */
export function standsInFor(thrown: unknown, failures: number): PgCacheWatchError | null {
  const { error, mayMend } = classifyError(thrown);
  const { code, sqlState } = error;
  if (!mayMend || HELD_BY_OTHERS.has(code) || NONE_FREE.has(sqlState ?? '')) return error;
  const isRefused = code === 'SILENT' || (sqlState !== null && !PASSING.test(sqlState));
  return isRefused && failures > 1 ? error : null;
}
