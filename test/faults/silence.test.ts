import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cache, createSource, type SourceOptions, type SourceState, table } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import type { Direction, FaultyProxy } from './rig/faulty-proxy.js';
import { startFaultyProxy } from './rig/start-faulty-proxy.js';

const SILENCE_LIMIT_MS = 600;
/** Beyond the limit, what the promise leaves for noticing. */
const NOTICED_MS = 1_000;
/** An attempt to connect, once the network is back, and whatever else this machine does meanwhile. */
const OPENING_MS = 5_000;

const kinds: Readonly<Record<string, SourceOptions>> = {
  notify: { mode: 'notify' },
  'replication, temporary': { mode: 'replication' },
  'replication, durable': { mode: 'replication', replication: { slot: { name: '' } } },
  auto: { mode: 'auto' },
};

let slots = 0;

/** With a durable slot of its own, where it has one. */
function ofItsOwn(options: SourceOptions): SourceOptions {
  if (!options.replication?.slot) return options;
  return { ...options, replication: { slot: { name: `silence_${++slots}` } } };
}

const both: readonly Direction[] = ['to-server', 'to-client'];
const ways: Readonly<Record<string, (proxy: FaultyProxy) => void>> = {
  'both ways': (proxy) => {
    for (const way of both) proxy.silence(way);
  },
  'to the client': (proxy) => proxy.silence('to-client'),
  'to the server': (proxy) => proxy.silence('to-server'),
  'as its peer reads no more': (proxy) => proxy.stopReading('to-server'),
  'as its peer reads no more of the server': (proxy) => proxy.stopReading('to-client'),
};

let db: TestDatabase;

beforeAll(async () => {
  db = await createDatabase();
  await db.query('create table orders (id int primary key, total int); insert into orders values (1, 0)');
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'both' }));
});

afterAll(() => db?.drop());

describe.each(Object.entries(kinds))('%s', (_kind, options) => {
  test.each(
    Object.entries(ways),
  )('a connection that falls silent, %s, is noticed in time, and got over', async (_way, fallSilent) => {
    const proxy = await startFaultyProxy(db.url);
    const waits: number[] = [];
    const logger = {
      debug() {},
      info(fields: object) {
        if ('waitMs' in fields && typeof fields.waitMs === 'number') waits.push(fields.waitMs);
      },
      warn() {},
      error() {},
    };
    const source = createSource({
      ...ofItsOwn(options),
      connection: proxy.url,
      silenceLimitMs: SILENCE_LIMIT_MS,
      logger,
    });
    const states: { readonly state: SourceState; readonly at: number }[] = [];
    source.on('state', (state) => states.push({ state, at: performance.now() }));
    const reached = (state: SourceState, since: number) =>
      states.find((each) => each.state === state && each.at >= since)?.at ?? 0;
    source.on('error', () => {});
    const loader = await db.client();
    const total = cache(
      async (id: number) => {
        const { rows } = await loader.query('select total from orders where id = $1', [id]);
        return Number(rows[0].total);
      },
      { source, dependsOn: [table('orders')] },
    );
    try {
      await source.start();
      const before = await total(1);
      // While the process itself does not run, it notices nothing.
      const late = monitorEventLoopDelay({ resolution: 10 });
      late.enable();
      const silentAt = performance.now();
      fallSilent(proxy);
      await db.query('update orders set total = total + 1');

      const interruptedAt = await until(() => reached('interrupted', silentAt), 'that it is noticed');
      expect(interruptedAt - silentAt).toBeLessThan(SILENCE_LIMIT_MS + NOTICED_MS + late.max / 1e6);
      expect(await total(1)).toBe(before + 1);
      await db.query('update orders set total = total + 1');
      expect(await total(1)).toBe(before + 2);
      expect(total.statistics.bypasses).toBe(2);

      // It has tried again, in vain, when the network comes back.
      await until(() => proxy.connections > 0, 'the next attempt');
      const backAt = performance.now();
      proxy.restore();
      const liveAt = await until(() => reached('live', backAt), 'that it is live again', 40_000);
      // The attempt that is under way, and fails, and the wait before the next.
      const longestWaitMs = Math.max(0, ...waits.slice(-1));
      expect(liveAt - backAt).toBeLessThan(longestWaitMs + OPENING_MS);
      await source.caughtUp();
      expect(await total(1)).toBe(before + 2);
      expect(total.statistics.entries).toBe(1);
    } finally {
      await source.close();
      await proxy.close();
    }
  });
});

test.each(
  Object.entries(kinds),
)('%s: what the server says goes on, and nothing reaches it: that is noticed in time, too', async (_kind, options) => {
  const proxy = await startFaultyProxy(db.url);
  const source = createSource({
    ...ofItsOwn(options),
    connection: proxy.url,
    silenceLimitMs: SILENCE_LIMIT_MS,
  });
  source.on('error', () => {});
  try {
    await source.start();
    const late = monitorEventLoopDelay({ resolution: 10 });
    late.enable();
    const from = performance.now();
    proxy.stopReading('to-server');
    // Asked before a snapshot is, it must not be waited for first.
    source.caughtUp().catch(() => {});
    while (source.state === 'live') await db.query('update orders set total = total + 1');
    expect(performance.now() - from).toBeLessThan(SILENCE_LIMIT_MS + NOTICED_MS + late.max / 1e6);
  } finally {
    await source.close();
    await proxy.close();
  }
});

/** As deadlines have it: 10 s for a greeting, 5 s for an answer, 15 s for a slot. */
const GIVEN_UP_WITHIN_MS = 20_000;

test.concurrent.each(Object.entries(kinds))(
  '%s: a connection that is lost while it is opened is given up for another, however far it had come',
  { timeout: 60_000 },
  async (_kind, options) => {
    // So many pieces of each connection come through. No more at once: the tests share the server's connections.
    await Promise.all([1, 3, 5, 8].map((pieces) => openPast(pieces, options)));
  },
);

async function openPast(pieces: number, options: SourceOptions): Promise<void> {
  const proxy = await startFaultyProxy(db.url);
  const source = createSource({
    ...ofItsOwn(options),
    connection: proxy.url,
    silenceLimitMs: SILENCE_LIMIT_MS,
  });
  source.on('error', () => {});
  try {
    proxy.silenceAfter('to-client', pieces);
    const started = source.start();
    await Promise.race([started, until(() => proxy.lost > 0, 'the silence', 30_000)]);
    // Nobody tells the source of it.
    proxy.abandon();
    const from = performance.now();
    await started;
    expect(performance.now() - from).toBeLessThan(GIVEN_UP_WITHIN_MS);
  } finally {
    await source.close();
    await proxy.close();
  }
}
