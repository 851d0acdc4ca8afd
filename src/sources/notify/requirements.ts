import { PgCacheWatchError } from '../../errors.js';
import { quoteForShell } from '../../shell.js';
import type { Reading } from '../read-watched-tables.js';
import type { NotifyOptions } from './notify-options.js';

/**
 * At the start, every wanted table has to be told of; later on, the others go on without one that was lost.
 *
 * @throws PgCacheWatchError `NOT_WATCHED` where a wanted table is not told of, or none is
 */
export function requireWatched(reading: Reading, { tables, logger, onceWatched }: NotifyOptions): void {
  const { unwatched } = reading;
  if (unwatched.length > 0) {
    const error = notWatched(unwatched);
    if (tables && onceWatched.isEmpty) throw error;
    logger.warn({ tables: unwatched, remedy: error.remedy }, `pgcachewatch: ${error.message}`);
  }
  requireAny(reading);
}

/** @throws PgCacheWatchError `NOT_WATCHED` where no table is told of: to be live would mean nothing */
export function requireAny({ watched }: Reading): void {
  if (watched.size > 0) return;
  throw new PgCacheWatchError(
    'NOT_WATCHED',
    'No table of this database has triggers that notify the channel',
    {
      remedy: 'Run: npx pgcachewatch install <tables…> --mode notify --commit',
    },
  );
}

export function notWatched(tables: readonly string[]): PgCacheWatchError {
  const names = tables.join(', ');
  return new PgCacheWatchError(
    'NOT_WATCHED',
    `Not every change of ${names} is told: its triggers are missing, or the table itself`,
    {
      remedy: `Run: npx pgcachewatch install ${tables.map(quoteForShell).join(' ')} --mode notify --commit`,
    },
  );
}

export function notDelivered({ silenceLimitMs }: NotifyOptions): PgCacheWatchError {
  const message = `A notification to ourselves did not come back within ${silenceLimitMs} ms`;
  return new PgCacheWatchError('NOT_DELIVERED', message, {
    remedy:
      'A pooler in transaction mode loses LISTEN: connect to the server itself, or to a pool in session mode. ' +
      'If there is none, a commit that waits for a synchronous standby may be holding the queue.',
  });
}

export function unreadable(
  payload: string,
  why: string,
  more: number,
  { channel }: NotifyOptions,
): PgCacheWatchError {
  const start = JSON.stringify(payload.slice(0, 80));
  const others = more > 0 ? `, and ${more} more` : '';
  return new PgCacheWatchError('UNREADABLE', `A notification cannot be read: ${why}: ${start}${others}`, {
    remedy: `Find out who else notifies the channel ${channel}, or use another channel.`,
  });
}
