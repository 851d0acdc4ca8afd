import { connect, disconnect } from '../connection.js';
import type { OpenSession } from '../session.js';
import { NOTHING_WATCHED } from '../watching/watch.js';
import { Beside } from './beside.js';
import { LOCK_TIMEOUT_MS } from './limits.js';
import type { ReplicationOptions } from './replication-options.js';
import { type Past, ReplicationSession } from './replication-session.js';
import { SlotKeeper } from './slot-keeper.js';
import { watchSlotWait } from './slot-wait.js';

/**
 * Opens sessions of one slot, one after the other.
 *
 * @param lockTimeoutMs how long the next creation of a slot may wait for each transaction of others
 */
export function openReplicationSession(
  options: ReplicationOptions,
  lockTimeoutMs: () => number = () => LOCK_TIMEOUT_MS,
): OpenSession {
  const past: Past = {
    slots: new SlotKeeper({
      durable: options.slot,
      get lockTimeoutMs() {
        return lockTimeoutMs();
      },
    }),
    watched: { ...NOTHING_WATCHED },
    fingerprint: undefined,
  };
  return async (host, signal) => {
    const client = await connect(options.connection, 'pgcachewatch gate', signal);
    const abort = () => void disconnect(client);
    signal.addEventListener('abort', abort, { once: true });
    const stopWatching = watchSlotWait(options.connection, (reason) => host.waiting(reason));
    try {
      return await ReplicationSession.open(new Beside(client, options), options, host, past, signal);
    } catch (error) {
      await disconnect(client);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      await stopWatching();
    }
  };
}
