import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { asError, PgCacheWatchError } from '../../errors.js';
import { sqlStateOf } from '../../install/server-error.js';
import { connect, disconnect, redact } from '../../sources/connection.js';
import { within } from '../../sources/replication/within.js';
import { sql } from '../../sql.js';
import type { Check, Examined } from '../check.js';
import { type Remedy, reporter } from '../finding.js';
import { inWords } from '../remedy.js';
import { isDirect } from './pooler.js';

const report = reporter('listen', ['notify']);

/** Far more than it takes, unless the notification is lost or the queue is held. */
const WITHIN_MS = 3_000;

/**
 * Whether a connection that listens, and is idle, hears what another connection notifies. One that notifies
 * itself proves nothing: in a pool that is not busy, it gets the same server process again, and hears that.
 */
export const listen: Check = {
  name: 'listen',
  modes: ['notify'],
  look: async (examined) => {
    // It cannot even be tried there.
    if (examined.server.standby) return [];
    const { connection } = examined.options;
    const listener = await connect(connection, 'pgcachewatch doctor');
    const notifier = await connect(connection, 'pgcachewatch doctor').catch(async (error: unknown) => {
      await disconnect(listener);
      throw error;
    });
    const channel = `pgcachewatch_doctor_${randomBytes(8).toString('hex')}`;
    try {
      await within(WITHIN_MS, 'a notification', hear(channel, listener, notifier));
      return [report.ok('A notification is heard by a connection that listens')];
    } catch (error) {
      const what = whatFailed(error, examined);
      if (what === null) throw error;
      return [report.failure(what, remedy(examined))];
    } finally {
      // Behind a pooler, the server's process goes on to serve others, and would go on listening.
      const unlisten = listener.query(sql('doctor/unlisten.sql', { channel }));
      await within(WITHIN_MS, 'UNLISTEN', unlisten).catch(() => {});
      await Promise.all([disconnect(listener), disconnect(notifier)]);
    }
  },
};

/** `null`: what the server has nothing to do with. */
function whatFailed(error: unknown, examined: Examined): string | null {
  if (error instanceof PgCacheWatchError && error.code === 'SILENT') {
    const why = isDirect(examined)
      ? 'a commit that waits for a synchronous standby may be holding the queue'
      : 'a pooler in transaction mode loses LISTEN without a word';
    return `A notification is not heard within ${WITHIN_MS / 1000} s by a connection that listens: ${why}`;
  }
  if (sqlStateOf(error) === undefined) return null;
  return `LISTEN is refused: ${redact(asError(error).message)}`;
}

async function hear(channel: string, listener: Client, notifier: Client): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    listener.on('notification', (notification) => {
      if (notification.channel === channel) resolve();
    });
  });
  await listener.query(sql('doctor/listen.sql', { channel }));
  await notifier.query(sql('notify/mark.sql'), [channel, '']);
  await heard;
}

function remedy(examined: Examined): Remedy {
  if (isDirect(examined)) {
    return inWords(
      'Look in pg_stat_activity for a session that waits for SyncRep, and bring its standby back or take it out of synchronous_standby_names.',
    );
  }
  switch (examined.platform) {
    case 'neon':
      return inWords('Connect to the server itself: take -pooler out of the host name.');
    case 'supabase':
      return inWords('Use the direct connection, or the pooler in session mode: port 5432, not 6543.');
    default:
      return inWords('Connect to the server itself, or to a pool in session mode.');
  }
}
