import { PgCacheWatchError } from '../../errors.js';
import { quoteForShell } from '../../shell.js';
import type { Complaints } from '../watching/watch.js';
import type { NotifyOptions } from './notify-options.js';

export const NOTIFY_COMPLAINTS: Complaints = {
  nothing: () =>
    new PgCacheWatchError('NOT_WATCHED', 'No table of this database has triggers that notify the channel', {
      remedy: 'Run: npx pgcachewatch install <tables…> --mode notify --commit',
    }),
  missing: (tables) =>
    new PgCacheWatchError(
      'NOT_WATCHED',
      `Not every change of ${tables.join(', ')} is told: its triggers are missing, or the table itself`,
      {
        remedy: `Run: npx pgcachewatch install ${tables.map(quoteForShell).join(' ')} --mode notify --commit`,
      },
    ),
};

export function notDelivered({ silenceLimitMs }: NotifyOptions): PgCacheWatchError {
  const message = `A notification to ourselves did not come back within ${silenceLimitMs} ms`;
  return new PgCacheWatchError('NOT_DELIVERED', message, {
    remedy:
      'A pooler in transaction mode loses LISTEN: connect to the server itself, or to a pool in session mode. ' +
      'If there is none, a commit that waits for a synchronous standby may be holding the queue.',
  });
}

export function unreadable(payload: string, why: string, more: number, channel: string): PgCacheWatchError {
  const start = JSON.stringify(payload.slice(0, 80));
  const others = more > 0 ? `, and ${more} more` : '';
  return new PgCacheWatchError('UNREADABLE', `A notification cannot be read: ${why}: ${start}${others}`, {
    remedy: `Find out who else notifies the channel ${channel}, or use another channel.`,
  });
}
