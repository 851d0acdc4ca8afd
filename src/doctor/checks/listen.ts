import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { asError } from '../../errors.js';
import { connect, disconnect } from '../../sources/connection.js';
import { sql } from '../../sql.js';
import type { Check, Examined } from '../check.js';
import { type Finding, type Remedy, reporter } from '../finding.js';
import { inWords } from '../remedy.js';

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
    const listener = await connect(examined.options.connection, 'pgcachewatch doctor');
    const notifier = await connect(examined.options.connection, 'pgcachewatch doctor');
    try {
      const channel = `pgcachewatch_doctor_${randomBytes(8).toString('hex')}`;
      const heard = new Promise<'heard'>((resolve) => {
        listener.on('notification', (notification) => notification.channel === channel && resolve('heard'));
      });
      await listener.query(sql('doctor/listen.sql', { channel }));
      await notifier.query(sql('notify/mark.sql'), [channel, '']);
      return [await judge(heard, examined)];
    } catch (error) {
      return [report.failure(`LISTEN is refused: ${asError(error).message}`, remedy(examined))];
    } finally {
      await Promise.all([disconnect(listener), disconnect(notifier)]);
    }
  },
};

async function judge(heard: Promise<'heard'>, examined: Examined): Promise<Finding> {
  const waiting = new AbortController();
  const late = delay(WITHIN_MS, 'late' as const, { signal: waiting.signal }).catch(() => 'late' as const);
  const outcome = await Promise.race([heard, late]);
  waiting.abort();
  if (outcome === 'heard') return report.ok('A notification is heard by a connection that listens');
  return report.failure(
    `A notification is not heard within ${WITHIN_MS / 1000} s by a connection that listens: ` +
      'a pooler in transaction mode loses LISTEN without a word',
    remedy(examined),
  );
}

function remedy({ platform }: Examined): Remedy {
  switch (platform) {
    case 'neon':
      return inWords('Connect to the server itself: take -pooler out of the host name.');
    case 'supabase':
      return inWords('Use the direct connection, or the pooler in session mode: port 5432, not 6543.');
    default:
      return inWords('Connect to the server itself, or to a pool in session mode.');
  }
}
