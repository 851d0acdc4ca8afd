import { now } from '../consumers/consumer.js';
import type { Listener } from '../consumers/listener.js';
import { NodeListener } from '../consumers/node-listener.js';
import { PgRecvlogical } from '../consumers/pg-recvlogical.js';
import type { Bench, BenchContext } from '../harness/bench.js';
import { type Comparison, compare, type Missing, type Subject } from '../harness/comparison.js';
import { isMissing, loadPeer } from '../harness/peer.js';
import type { BenchServer } from '../harness/server.js';
import { holdOthers } from './hold.js';
import { channel, makeTables, publication, tables, type Workload, write } from './workload.js';

const RECVLOGICAL = 'pg_recvlogical';
const LISTEN = 'a bare LISTEN client';

export const throughput: Bench = {
  name: 'throughput',
  about:
    'How many changes a second come to a subscriber, from the moment when the server, which was held until all ' +
    'of them were committed, begins to send them; and what processor time each costs the subscriber. Every change ' +
    'is counted, and the entries that depend on them are dropped.',
  async run(context) {
    const server = await context.server();
    await makeTables(server);
    const large = context.size(5_000, 500);
    const workloads: Workload[] = [
      { title: 'small transactions', rows: context.size(20_000, 500), rowsPerTransaction: 1, rowBytes: 20 },
      { title: 'large transactions', rows: 10 * large, rowsPerTransaction: large, rowBytes: 20 },
      { title: '20 kB rows', rows: context.size(5_000, 100), rowsPerTransaction: 10, rowBytes: 20_000 },
    ];
    const listeners = await makeListeners(context);
    const comparisons: Comparison[] = [];
    for (const workload of workloads) {
      comparisons.push(await measure(context, server, 'replication', workload, listeners.replication));
      comparisons.push(await measure(context, server, 'notify', workload, listeners.notify));
    }
    return {
      settings: Object.fromEntries(
        workloads.map(({ title, rows, rowsPerTransaction }) => [
          title,
          `${rows} rows, ${rowsPerTransaction} in each transaction`,
        ]),
      ),
      comparisons,
      chart: { measure: 'changes', show: 'ratio', scale: 'linear' },
    };
  },
};

async function makeListeners(
  context: BenchContext,
): Promise<Record<keyof typeof tables, (Listener | Missing)[]>> {
  const peer = async (name: string, file: string, kind: string) => {
    const loaded = await loadPeer<object>(context, name, file);
    return isMissing(loaded) ? loaded : new NodeListener(name, `../peers/${file}`, kind);
  };
  const ours = (kind: string) => new NodeListener(`pgcachewatch, by ${kind}`, './pgcachewatch', kind);
  const made = {
    replication: [
      PgRecvlogical.isHere ? new PgRecvlogical() : { name: RECVLOGICAL, missing: 'not on this machine' },
      ours('replication, table'),
      ours('replication, row'),
      await peer(
        'pg-logical-replication, its own parser',
        'pg-logical-replication',
        'pg-logical-replication',
      ),
      await peer('postgres.js subscribe', 'postgres-js', 'subscribe'),
      new NodeListener('a bare replication stream', './bare', 'stream'),
    ],
    notify: [
      new NodeListener(LISTEN, './bare', 'listen'),
      ours('notify, table'),
      ours('notify, row'),
      await peer('pg-listen', 'pg-listen', 'pg-listen'),
    ],
  };
  for (const listener of Object.values(made).flat()) {
    if (!isMissing(listener)) context.atEnd(() => listener.end());
  }
  return made;
}

let next = 1;

function measure(
  context: BenchContext,
  server: BenchServer,
  mode: keyof typeof tables,
  workload: Workload,
  listeners: readonly (Listener | Missing)[],
): Promise<Comparison> {
  const table = tables[mode];
  const options = { url: server.url, table, from: mode === 'notify' ? channel : publication };
  const subject = (listener: Listener): Subject<'rate' | 'cpu'> => ({
    name: listener.name,
    async round() {
      const { rows } = workload;
      const first = next;
      next += rows;
      await server.query(`truncate ${table}`);
      await listener.open(options);
      await listener.arm({ first, changes: rows, timed: false });
      const release = await holdOthers(server);
      await write(server, table, first, workload);
      const start = now();
      release();
      const { lastAt, cpuMs } = await listener.heard();
      await listener.close();
      return { rate: rows / ((lastAt - start) / 1e9), cpu: (cpuMs * 1_000) / rows };
    },
  });
  return compare(context, {
    title: `${workload.title}, ${mode}`,
    measures: {
      rate: { label: 'changes', unit: '/s', better: 'higher' },
      cpu: { label: 'client CPU a change', unit: 'µs', better: 'lower' },
    },
    reference: mode === 'replication' ? RECVLOGICAL : LISTEN,
    rounds: context.rounds(5),
    // For its first 60,000 transactions, a process is being compiled: what goes on for hours is not to be told by that.
    warmUps: context.size(3, 1),
    subjects: listeners.map((each) => (isMissing(each) ? each : subject(each))),
  });
}
