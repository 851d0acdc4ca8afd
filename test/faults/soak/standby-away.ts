import type { Client } from 'pg';
import type { Fault, FaultWorld } from '../fault.js';

/**
 * The server waits at every commit for a synchronous standby that is not there. So for as long as that, commits are
 * in the WAL, and are streamed, and no query can see them.
 */
export const standbyAway: Fault = {
  name: 'server: its synchronous standby away',
  async inject(world) {
    await withAdmin(world, async (admin) => {
      await admin.query("alter system set synchronous_standby_names = 'away'");
      await admin.query('select pg_reload_conf()');
    });
    return () =>
      withAdmin(world, async (admin) => {
        await admin.query('alter system reset synchronous_standby_names');
        await admin.query('select pg_reload_conf()');
      });
  },
};

async function withAdmin(world: FaultWorld, act: (admin: Client) => Promise<void>): Promise<void> {
  const admin = await world.admin();
  try {
    await act(admin);
  } finally {
    await admin.end();
  }
}
