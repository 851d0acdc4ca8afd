import { connect, disconnect } from '../connection.js';
import type { OpenSession } from '../session.js';
import type { ReplicationOptions } from './replication-options.js';
import { ReplicationSession } from './replication-session.js';
import { SlotKeeper } from './slot-keeper.js';

/** Opens sessions of one slot, one after the other. */
export function openReplicationSession(options: ReplicationOptions): OpenSession {
  const slots = new SlotKeeper(options.slot);
  return async (host, signal) => {
    const beside = await connect(options.connection, 'pgcachewatch gate', signal);
    const abort = () => void disconnect(beside);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await ReplicationSession.open(beside, options, host, slots);
    } catch (error) {
      await disconnect(beside);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
}
