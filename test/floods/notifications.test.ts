import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildConsumers, type Consumers } from './consumer.js';
import type { Comparison, ConsumerReport } from './consumer-report.js';
import { createFlooded, type Flooded, flood } from './flooded.js';
import { say } from './said.js';
import { expectToFollow, MAX_BLOCKED_MS, MAX_GROWTH_MB, scaled, TIMEOUT_MS } from './scale.js';

const COUNT = scaled(1_000_000);

let consumers: Consumers;
let flooded: Flooded;
beforeAll(async () => {
  consumers = await buildConsumers();
});
afterAll(() => consumers?.remove());
beforeEach(async () => {
  flooded = await createFlooded('notify');
});
afterEach(() => flooded.drop());

async function under(
  kind: 'watched' | 'foreign' | 'garbage',
  aTransaction: number,
): Promise<ConsumerReport & Comparison> {
  await using consumer = await consumers.start({ source: flooded.options('notify') });
  await consumer.ask('compare');
  const tookS = await flood(flooded.database, `flood_notifications(${COUNT}, ${aTransaction}, '${kind}')`);
  const compared = await consumer.ask('compare');
  const report = await consumer.ask('report');
  say(`notifications, ${kind}`, COUNT, tookS, compared, report);
  expect(report.peakRssMb).toBeLessThan(MAX_GROWTH_MB);
  expect(report.blockedMs).toBeLessThan(MAX_BLOCKED_MS);
  expectToFollow(report);
  return { ...report, ...compared };
}

test(
  'a million notifications of a watched table drop what they tell of, one by one',
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const { different, statistics } = await under('watched', 50);
    expect(different).toBe(0);
    if (statistics.interruptions === 0) expect(statistics.changes).toBeGreaterThanOrEqual(COUNT);
    expect(statistics.gaps.unreadable).toBe(0);
  },
);

test(
  'a million notifications of tables that others watch concern nobody',
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const { different, statistics } = await under('foreign', 10);
    expect(different).toBe(0);
    expect(statistics).toMatchObject({ changes: 0, gaps: { unreadable: 0, unwatched: 0 } });
  },
);

test(
  'a million that nobody can read are gaps, of many of them each, and few lines of the log',
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const { different, statistics, logLines } = await under('garbage', 10);
    expect(different).toBe(0);
    expect(statistics.gaps.unreadable).toBeGreaterThan(0);
    expect(statistics.gaps.unreadable).toBeLessThanOrEqual(COUNT / 10);
    expect(logLines).toBeLessThan(200);
  },
);
