// A process of its own that caches the rows of `flooded`, so that its memory and its event loop can be told from the
// test's. It is compiled beside the package that it imports (consumer.ts).
import { monitorEventLoopDelay } from 'node:perf_hooks';
import pg from 'pg';
import type { Answers, ConsumerOptions, ConsumerReport } from './consumer-report.js';

const { cache, createSource, greedy, row }: typeof import('../../src/index.js') = await import(
  new URL('dist/index.js', import.meta.url).href
);

const { source: sourceOptions, slow }: ConsumerOptions = JSON.parse(process.argv[2] ?? '');

const counted = { wholeTables: 0, logLines: 0 };
const errors = new Set<string>();

function block(): void {
  const until = performance.now() + (slow?.ms ?? 0);
  while (performance.now() < until);
}

const log = (): void => {
  counted.logLines++;
};
const source = createSource({
  ...sourceOptions,
  logger: { debug: () => {}, info: log, warn: log, error: log },
});
source.on('change', ({ key }) => {
  if (key === null) counted.wholeTables++;
});
if (slow?.what === 'listener') source.on('change', block);
source.on('error', (error) => {
  if (errors.size < 5) errors.add(`${Reflect.get(error, 'code')}: ${error.message.slice(0, 120)}`);
});

const db = new pg.Client({ connectionString: String(sourceOptions.connection) });
await db.connect();
const predicate = (): boolean => {
  if (slow?.what === 'predicate') block();
  return true;
};
const getX = cache(
  async (id: number): Promise<number> => {
    const { rows } = await db.query('select x from flooded where id = $1', [id]);
    return rows[0].x;
  },
  { source, strategy: greedy({ predicate }), dependsOn: (id) => [row('flooded', { id })] },
);

await source.start();
if (slow?.what === 'iteration') void iterate();

async function iterate(): Promise<void> {
  for await (const _change of source) {
    block();
    // A reader that lets others have a turn, as one that awaits a query does.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const MB = 2 ** 20;
const collect = globalThis.gc ?? (() => {});
collect();
const before = process.memoryUsage();
const peak = { rss: before.rss, heap: before.heapUsed };
const loop = monitorEventLoopDelay({ resolution: 5 });
const sampling = setInterval(sample, 20);
loop.enable();

function sample(): void {
  const { rss, heapUsed } = process.memoryUsage();
  peak.rss = Math.max(peak.rss, rss);
  peak.heap = Math.max(peak.heap, heapUsed);
}

function report(): ConsumerReport {
  sample();
  const blockedMs = Math.max(0, loop.max / 1e6 - 5);
  collect();
  const now = process.memoryUsage();
  loop.reset();
  return {
    state: source.state,
    ...counted,
    errors: [...errors],
    peakRssMb: (peak.rss - before.rss) / MB,
    peakHeapMb: (peak.heap - before.heapUsed) / MB,
    heapMb: (now.heapUsed - before.heapUsed) / MB,
    rssMb: (now.rss - before.rss) / MB,
    blockedMs,
    statistics: source.statistics,
  };
}

async function caughtUp(): Promise<number> {
  const begun = performance.now();
  await source.caughtUp();
  return performance.now() - begun;
}

const answers: { [Q in keyof Answers]: () => Answers[Q] | Promise<Answers[Q]> } = {
  report,
  caughtUp,
  async compare() {
    const caughtUpMs = await caughtUp();
    const { rows } = await db.query<{ id: number; x: number }>('select id, x from flooded');
    let different = 0;
    for (const { id, x } of rows) if ((await getX(id)) !== x) different++;
    return { different, keys: rows.length, caughtUpMs };
  },
  async close() {
    clearInterval(sampling);
    await source.close();
    await db.end();
    return null;
  },
};

process.on('message', ({ id, question }: { id: number; question: keyof Answers }) => {
  Promise.resolve(answers[question]()).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
