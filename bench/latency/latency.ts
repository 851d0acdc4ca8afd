import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../consumers/consumer.js';
import type { Listener } from '../consumers/listener.js';
import { NodeListener } from '../consumers/node-listener.js';
import type { Bench, BenchContext } from '../harness/bench.js';
import { type Comparison, compare, type Subject } from '../harness/comparison.js';
import type { BenchServer } from '../harness/server.js';
import { verify } from '../harness/verify.js';
import { type Percentile, percentiles } from './percentiles.js';
import { PAUSE_MS, snapshotSubject } from './snapshot-subject.js';
import { startLoad } from './start-load.js';

type Mode = 'notify' | 'replication';

const CHANNEL = 'bench_latency';
const PUBLICATION = 'bench_latency';
/** One table for each mode: the triggers of one are no burden to the other. */
const tables = { notify: 'latency_notify', replication: 'latency_replication' };
const LISTEN = 'a bare LISTEN client';
const STREAM = 'a bare replication stream';
const LOAD_PER_SECOND = 500;

export const latency: Bench = {
  name: 'latency',
  about:
    'How long after a COMMIT is sent the entry that depends on the row is gone, in another process. Every entry is ' +
    'looked for at that moment. A bare client hears of the row and does no more.',
  async run(context) {
    const server = await context.server();
    const changes = context.size(600, 50);
    await makeTables(server, changes);
    const listeners = makeListeners(context);
    const comparisons: Comparison[] = [];
    const measureAll = async (title: string) => {
      for (const mode of ['replication', 'notify'] as const) {
        comparisons.push(await measure(context, server, mode, changes, `${mode}, ${title}`, listeners[mode]));
      }
    };
    await measureAll('idle');
    const loads = await Promise.all(
      Object.values(tables).map((table) => startLoad(server.url, table, LOAD_PER_SECOND)),
    );
    context.atEnd(() => Promise.allSettled(loads.map((load) => load.stop())));
    await measureAll('under write load');
    const rates = await Promise.all(loads.map((load) => load.stop()));
    return {
      settings: {
        'changes a round': changes,
        'between two changes, ms': PAUSE_MS,
        'load, changes/s in each of two tables': rates.map(Math.round).join(' and '),
      },
      comparisons,
      chart: { measure: 'p50', show: 'median', scale: 'linear' },
    };
  },
};

async function makeTables(server: BenchServer, changes: number): Promise<void> {
  for (const table of Object.values(tables)) {
    await server.query(`create table ${table} (id int primary key, n int not null default 0)`);
    await server.query(`insert into ${table} (id) select generate_series(-1000, ${changes})`);
  }
  await server.install({ tables: [tables.notify], mode: 'notify', channel: CHANNEL });
  await server.install({ tables: [tables.replication], mode: 'replication', publication: PUBLICATION });
}

function makeListeners(context: BenchContext): Record<Mode, Listener[]> {
  const ours = (name: string, kind: string) =>
    new NodeListener(`pgcachewatch, ${name}`, './pgcachewatch', kind);
  const made = {
    replication: [
      new NodeListener(STREAM, './bare', 'stream'),
      ours('gated', 'replication, row'),
      ours('immediate', 'replication, row, immediate'),
    ],
    notify: [new NodeListener(LISTEN, './bare', 'listen'), ours('notify', 'notify, row')],
  };
  for (const listener of Object.values(made).flat()) context.atEnd(() => listener.end());
  return made;
}

async function measure(
  context: BenchContext,
  server: BenchServer,
  mode: Mode,
  changes: number,
  title: string,
  listeners: readonly Listener[],
): Promise<Comparison> {
  const options = { url: server.url, table: tables[mode], from: mode === 'notify' ? CHANNEL : PUBLICATION };
  const subject = (listener: Listener): Subject<Percentile> => ({
    name: listener.name,
    async round() {
      await listener.open(options);
      await listener.arm({ first: 1, changes, timed: true });
      const committedAt = await writeRows(server, options.table, changes);
      const { at } = await listener.heard();
      await listener.close();
      verify(`rows that ${listener.name} heard of`, at.filter((each) => each > 0).length, changes);
      return percentiles(Array.from(at, (each, i) => each - (committedAt[i] ?? 0)));
    },
  });
  const subjects = listeners.map(subject);
  if (mode === 'replication') subjects.push(snapshotSubject(server, changes));
  return compare(context, {
    title,
    measures: {
      p50: { label: 'p50', unit: 'ms', better: 'lower' },
      p99: { label: 'p99', unit: 'ms', better: 'lower' },
      p999: { label: 'p99.9', unit: 'ms', better: 'lower' },
    },
    reference: mode === 'notify' ? LISTEN : STREAM,
    rounds: context.rounds(5),
    // A process that has heard of a thousand changes is still being compiled.
    warmUps: context.size(3, 1),
    subjects,
  });
}

/** Changes one row after the other. Returns when each COMMIT was sent. */
async function writeRows(server: BenchServer, table: string, changes: number): Promise<number[]> {
  const sentAt: number[] = [];
  for (let id = 1; id <= changes; id++) {
    await server.query('begin');
    await server.query(`update ${table} set n = n + 1 where id = $1`, [id]);
    sentAt.push(now());
    await server.query('commit');
    await delay(PAUSE_MS);
  }
  return sentAt;
}
