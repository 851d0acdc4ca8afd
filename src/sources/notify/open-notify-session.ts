import { sessionOf } from '../connection/session.js';
import { connect, disconnect } from '../connection.js';
import type { OpenSession } from '../session.js';
import { NOTHING_WATCHED } from '../watching/watch.js';
import type { NotifyOptions } from './notify-options.js';
import { NotifySession } from './notify-session.js';

/** Opens sessions on connections of their own, which end with them or with a failed attempt. */
export function openNotifySession(options: NotifyOptions): OpenSession {
  const past = { ...NOTHING_WATCHED };
  return async (host, signal) => {
    const client = await connect(options.connection, 'pgcachewatch notify', signal);
    const abort = () => void disconnect(client);
    signal.addEventListener('abort', abort, { once: true });
    // What is asked while opening may never be answered, and no heartbeat has begun.
    const deadline = setTimeout(abort, 2 * options.silenceLimitMs);
    let notifier = client;
    try {
      if (sessionOf(client)?.isShared) {
        notifier = await connect(options.connection, 'pgcachewatch notify', signal);
      }
      return await NotifySession.open(client, options, host, past, notifier);
    } catch (error) {
      await disconnect(client);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      clearTimeout(deadline);
      if (notifier !== client) await disconnect(notifier);
    }
  };
}
