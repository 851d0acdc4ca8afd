import type { Bench, BenchContext } from '../harness/bench.js';
import { type Comparison, compare, type Missing, type Subject } from '../harness/comparison.js';
import type { BenchServer } from '../harness/server.js';
import { verify } from '../harness/verify.js';
import { hasPgbench, ROWS, runPgbench } from './pgbench.js';
import { makeSetups, NOBODY, type Setup } from './setups.js';

type Key = 'tps' | 'p99';

export const writers: Bench = {
  name: 'writers',
  about:
    'What it costs those who write that somebody hears of it: transactions of one UPDATE each, from pgbench, flushed ' +
    'to disk. Every change arrived at the listener, and every transaction is in the table.',
  async run(context) {
    const server = await context.server({ fsync: 'on' });
    const setups = makeSetups();
    const here = hasPgbench();
    for (const setup of setups) {
      if (here) await setup.install(server);
      context.atEnd(() => setup.listener?.end());
    }
    const transactions = context.size(4_000, 160);
    const comparisons: Comparison[] = [];
    for (const clients of [1, 4, 16]) {
      const subjects = setups.map((setup): Subject<Key> | Missing =>
        here
          ? subject(server, setup, clients, transactions / clients)
          : { name: setup.name, missing: 'pgbench is not on this machine' },
      );
      comparisons.push(await measure(context, clients, subjects));
    }
    return {
      settings: { 'transactions a round': transactions, rows: ROWS, fsync: 'on' },
      comparisons,
      chart: { measure: 'transactions', show: 'ratio', scale: 'linear' },
    };
  },
};

function measure(
  context: BenchContext,
  clients: number,
  subjects: readonly (Subject<Key> | Missing)[],
): Promise<Comparison> {
  return compare(context, {
    title: clients === 1 ? '1 client' : `${clients} clients`,
    measures: {
      tps: { label: 'transactions', unit: '/s', better: 'higher' },
      p99: { label: 'p99', unit: 'ms', better: 'lower' },
    },
    reference: NOBODY,
    rounds: context.rounds(5),
    subjects,
  });
}

function subject(server: BenchServer, setup: Setup, clients: number, each: number): Subject<Key> {
  const { name, table, from, listener } = setup;
  const total = async (): Promise<number> => {
    const { rows } = await server.query(`select sum(n)::int as total from ${table}`);
    return rows[0].total;
  };
  return {
    name,
    async round() {
      const before = await total();
      // Dead rows of the last round would slow this one down.
      await server.query(`vacuum ${table}`);
      await listener?.open({ url: server.url, table, from });
      await listener?.arm({ first: 1, changes: clients * each, timed: false });
      const { tps, p99Ms } = await runPgbench(server.url, table, clients, each);
      await listener?.heard();
      await listener?.close();
      verify(`changes in the table of ${name}`, (await total()) - before, clients * each);
      return { tps, p99: p99Ms };
    },
  };
}
