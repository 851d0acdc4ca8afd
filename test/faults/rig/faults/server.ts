import { kill } from 'node:process';
import type { Fault, FaultWorld } from '../../fault.js';
import type { Random } from '../../random.js';

/** What the sources' connections are called, as a condition on pg_stat_activity. */
const OURS = "application_name like 'pgcachewatch%'";
const SENDERS = `${OURS} and backend_type = 'walsender'`;

/** What can happen to the server, and to its processes. */
export const serverFaults: readonly Fault[] = [
  {
    name: 'server: restarted',
    async inject({ server }) {
      await server.restart('fast');
      return () => server.start();
    },
  },
  {
    name: 'server: crashed',
    async inject({ server }) {
      await server.restart('immediate');
      return () => server.start();
    },
  },
  {
    name: 'server: postmaster killed',
    async inject({ server }) {
      await server.kill('SIGKILL');
      return () => server.start();
    },
  },
  {
    name: 'server: backend killed',
    inject: (world, random) => signalOne(world, random, OURS, 'SIGKILL'),
  },
  {
    name: 'server: walsender killed',
    inject: (world, random) => signalOne(world, random, SENDERS, 'SIGKILL'),
  },
  {
    name: 'server: backends terminated',
    async inject(world) {
      await onServer(world, `select pg_terminate_backend(pid) from pg_stat_activity where ${OURS}`);
      return async () => {};
    },
  },
  {
    name: 'server: backend stopped',
    inject: (world, random) => signalOne(world, random, OURS, 'SIGSTOP'),
  },
  {
    name: 'server: walsender stopped',
    inject: (world, random) => signalOne(world, random, SENDERS, 'SIGSTOP'),
  },
  {
    name: 'server: takes no new connections',
    async inject({ server }) {
      // Stopped, it listens and does not answer; what is connected goes on.
      await server.kill('SIGSTOP');
      return () => server.kill('SIGCONT');
    },
  },
  {
    name: 'server: a transaction stays open',
    async inject(world) {
      const client = await world.admin();
      // A slot cannot be made before it ends.
      await client.query('begin; select pg_current_xact_id()');
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${OURS}`);
      return async () => {
        await client.query('rollback').catch(() => {});
        await client.end();
      };
    },
  },
  {
    name: 'server: slots dropped',
    async inject(world) {
      const client = await world.admin();
      try {
        const { rows } = await client.query(
          `select slot_name from pg_replication_slots
             where database = current_database() and not temporary`,
        );
        for (const { slot_name } of rows) {
          await client.query(
            'select pg_terminate_backend(active_pid, 2000) from pg_replication_slots where slot_name = $1 and active_pid is not null',
            [slot_name],
          );
          await client.query('select pg_drop_replication_slot($1)', [slot_name]);
        }
      } finally {
        await client.end();
      }
      return async () => {};
    },
  },
];

async function onServer(world: FaultWorld, text: string): Promise<readonly { pid: number }[]> {
  const client = await world.admin();
  try {
    return (await client.query<{ pid: number }>(text)).rows;
  } finally {
    await client.end();
  }
}

async function signalOne(world: FaultWorld, random: Random, which: string, signal: 'SIGKILL' | 'SIGSTOP') {
  const rows = await onServer(world, `select pid from pg_stat_activity where ${which} order by pid`);
  const [first, ...others] = rows;
  if (first === undefined) throw new Error('There is no such process of the server');
  const { pid } = random.pick([first, ...others]);
  kill(pid, signal);
  return async () => {
    if (signal === 'SIGSTOP') resume(pid);
  };
}

function resume(pid: number): void {
  try {
    kill(pid, 'SIGCONT');
  } catch {
    // It has ended, with its server.
  }
}
