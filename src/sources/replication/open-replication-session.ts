import { connect, disconnect } from '../connection.js';
import type { OpenSession } from '../session.js';
import { NOTHING_WATCHED } from '../watching/watch.js';
import { Beside } from './beside.js';
import { LOCK_TIMEOUT_MS } from './limits.js';
import type { ReplicationOptions } from './replication-options.js';
import { type Past, ReplicationSession } from './replication-session.js';
import { SlotKeeper } from './slot-keeper.js';

/** Opens sessions of one slot, one after the other. */
export function openReplicationSession(options: ReplicationOptions): OpenSession {
  const past: Past = {
    slots: new SlotKeeper({
      durable: options.slot,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
    }),
    watched: { ...NOTHING_WATCHED },
    fingerprint: undefined,
  };
  return async (host, signal) => {
    const client = await connect(options.connection, 'pgcachewatch gate', signal);
    const abort = () => void disconnect(client);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await ReplicationSession.open(new Beside(client, options), options, host, past, signal);
    } catch (error) {
      await disconnect(client);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
}
