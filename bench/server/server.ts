import pg from 'pg';
import { type ChangeSource, createSource } from '../../src/index.js';
import type { Bench, BenchContext } from '../harness/bench.js';
import { type Comparison, compare, type Missing, type Subject } from '../harness/comparison.js';
import type { BenchServer } from '../harness/server.js';
import { verify } from '../harness/verify.js';
import { processorTimeUs, tellsProcessorTime } from './processor-time.js';

const WRITERS = 4;
const SOURCES = 4;
const ROWS = 1_000;

/** What is written, and who hears of it. */
interface Setup {
  readonly name: string;
  readonly mode: 'notify' | 'replication';
  readonly table: 'watched' | 'unwatched';
}

const SETUPS: readonly Setup[] = [
  { name: 'replication, a table that is published', mode: 'replication', table: 'watched' },
  { name: 'replication, a table that is not', mode: 'replication', table: 'unwatched' },
  { name: 'notify, a table with triggers', mode: 'notify', table: 'watched' },
  { name: 'notify, a table without', mode: 'notify', table: 'unwatched' },
];

export const server: Bench = {
  name: 'server',
  about:
    'What a source costs the server: the processor time of the server processes that serve it, for each transaction ' +
    'of one UPDATE that others commit; and what decoding writes to disk of a large transaction that nobody watches.',
  async run(context) {
    const bench = await context.server({ max_replication_slots: '20', max_wal_senders: '20' });
    await bench.query(`
      create table watched (id int primary key, n int not null default 0);
      create table unwatched (id int primary key, n int not null default 0);
      create table big (id int, filler text);
      insert into watched (id) select generate_series(1, ${ROWS});
      insert into unwatched (id) select generate_series(1, ${ROWS})`);
    await bench.install({ tables: ['watched'], mode: 'both' });
    const each = context.size(2_500, 50);
    return {
      settings: { sources: SOURCES, writers: WRITERS, 'transactions a round': WRITERS * each },
      comparisons: [await processorTime(context, bench, each), await spilling(context, bench)],
    };
  },
};

async function processorTime(context: BenchContext, bench: BenchServer, each: number): Promise<Comparison> {
  const here = await tellsProcessorTime();
  const subjects = SETUPS.map((setup): Subject<'us'> | Missing => {
    const { name, mode, table } = setup;
    if (!here) return { name, missing: 'this system does not tell the processor time of a process' };
    return { name, round: () => withSources(bench, mode, (sources) => round(bench, sources, table, each)) };
  });
  return compare(context, {
    title: 'For each transaction and source',
    measures: { us: { label: 'processor time', unit: 'µs', better: 'lower' } },
    reference: SETUPS[0]?.name ?? '',
    rounds: context.rounds(7),
    subjects,
  });
}

async function round(
  bench: BenchServer,
  sources: readonly ChangeSource[],
  table: Setup['table'],
  each: number,
) {
  const before = await processorTimeUs(bench);
  await write(bench, table, each);
  // What is decoded counts, though it is not published.
  await Promise.all(sources.map((source) => source.caughtUp()));
  const us = (await processorTimeUs(bench)) - before;
  const heard = sources.map(({ statistics }) => statistics.transactions);
  for (const count of heard)
    verify(`transactions of ${table}`, count, table === 'watched' ? WRITERS * each : 0);
  return { us: us / (WRITERS * each) / sources.length };
}

async function write(bench: BenchServer, table: Setup['table'], each: number): Promise<void> {
  const update = { name: 'update', text: `update ${table} set n = n + 1 where id = $1` };
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const client = new pg.Client({ connectionString: bench.url });
      await client.connect();
      // Rows of its own: writers that wait for each other would show something else.
      for (let i = 0; i < each; i++)
        await client.query({ ...update, values: [1 + ((WRITERS * i + writer) % ROWS)] });
      await client.end();
    }),
  );
}

const SPILLING = 'replication, a table that is not published';

/** Each transaction is of one table that no source watches, and is open until all of it is written. */
async function spilling(context: BenchContext, bench: BenchServer): Promise<Comparison> {
  const rows = context.size(500_000, 1_000);
  return compare(context, {
    title: `Of a transaction of ${rows} rows of 300 bytes, for each source`,
    measures: { bytes: { label: 'decoded to disk', unit: 'bytes', better: 'lower' } },
    reference: SPILLING,
    rounds: context.rounds(3),
    subjects: [
      {
        name: SPILLING,
        round: () =>
          withSources(bench, 'replication', async (sources) => {
            const spilled = async (): Promise<number> => {
              const {
                rows: [row],
              } = await bench.query(
                'select coalesce(sum(spill_bytes), 0)::float8 as bytes from pg_stat_replication_slots',
              );
              return row.bytes;
            };
            await bench.query(
              `insert into big select i, repeat('x', 300) from generate_series(1, ${rows}) i; truncate big`,
            );
            await Promise.all(sources.map((source) => source.caughtUp()));
            // The statistics are written when the transaction is decoded, and a moment later.
            await new Promise((resolve) => setTimeout(resolve, 1_000));
            return { bytes: (await spilled()) / sources.length };
          }),
      },
    ],
  });
}

async function withSources<T>(
  bench: BenchServer,
  mode: Setup['mode'],
  work: (sources: readonly ChangeSource[]) => Promise<T>,
): Promise<T> {
  const sources = Array.from({ length: SOURCES }, () => createSource({ connection: bench.url, mode }));
  try {
    for (const source of sources) await source.start();
    return await work(sources);
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}
