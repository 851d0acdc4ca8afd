import type { Fault } from '../fault.js';

export const standIns: readonly Fault[] = [
  {
    name: 'network: cut',
    inject: async ({ proxy }) => {
      proxy.cut();
      return async () => {};
    },
  },
  {
    name: 'network: silent',
    inject: async ({ proxy }) => {
      proxy.silence('to-client');
      return async () => proxy.restore();
    },
  },
  {
    name: 'process: blocked',
    inject: async ({ subject }, random) => {
      await subject.block(random.integer(50, 1500));
      return async () => {};
    },
  },
  {
    name: 'process: stopped',
    inject: async ({ subject }) => {
      subject.stop();
      return async () => subject.resume();
    },
  },
  {
    name: 'process: clock stepped',
    inject: async ({ subject }, random) => {
      await subject.stepClock(random.integer(-100000, 100000));
      return async () => {};
    },
  },
  {
    name: 'server: backends terminated',
    inject: async (world) => {
      const client = await world.admin();
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      );
      await client.end();
      return async () => {};
    },
  },
  {
    name: 'server: restarted',
    inject: async ({ server }) => {
      await server.restart('fast');
      return async () => {};
    },
  },
  {
    name: 'server: crashed',
    inject: async ({ server }) => {
      await server.restart('immediate');
      return async () => {};
    },
  },
];
