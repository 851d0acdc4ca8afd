import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildConsumers, type Consumer, type Consumers } from './consumer.js';
import type { Comparison, ConsumerReport, Slow } from './consumer-report.js';
import { createFlooded, type Flooded, flood, type Kind } from './flooded.js';
import { say } from './said.js';
import { MAX_GROWTH_MB, SCALE, scaled, TIMEOUT_MS } from './scale.js';

/** Ten thousand a second for a minute is what is aimed at; how many a second they are is for the machine to say. */
const COUNT = scaled(600_000);
const WRITERS = 2;
/** A quick run is over before the default of ten seconds is. */
const SHORT_LIMIT_MS = Math.max(1_000, 10_000 * SCALE);

let consumers: Consumers;
let flooded: Flooded | undefined;
beforeAll(async () => {
  consumers = await buildConsumers();
});
afterAll(() => consumers?.remove());
afterEach(() => flooded?.drop());

interface Case {
  readonly kind: Kind;
  readonly what: Slow;
  readonly ms: number;
  readonly count?: number;
}

async function slowedBy({ kind, what, ms, count = COUNT }: Case): Promise<ConsumerReport & Comparison> {
  flooded = await createFlooded(kind === 'notify' ? 'notify' : 'replication');
  const { database } = flooded;
  // A reader of its own pace holds up nobody: there, nothing is to be late.
  const silenceLimitMs = what === 'iteration' ? 30_000 : SHORT_LIMIT_MS;
  const source = flooded.options(kind, { silenceLimitMs, maxBufferedChanges: scaled(10_000) });
  await using consumer: Consumer = await consumers.start({ source, slow: { what, ms } });
  await consumer.ask('compare');
  const begun = performance.now();
  const calls = Array.from({ length: WRITERS }, (_, i) => `flood_rows(${Math.ceil(count / WRITERS)}, ${i})`);
  await Promise.all(calls.map((call) => flood(database, call)));
  const tookS = (performance.now() - begun) / 1000;
  const compared = await consumer.ask('compare');
  const report = await consumer.ask('report');
  say(`slow ${what}, ${kind}`, count, tookS, compared, report);
  expect(compared.different).toBe(0);
  expect(report.state).toBe('live');
  expect(report.peakRssMb).toBeLessThan(MAX_GROWTH_MB);
  return { ...report, ...compared };
}

test.each<Case>([
  { kind: 'notify', what: 'listener', ms: 1 },
  { kind: 'replication', what: 'listener', ms: 1 },
  { kind: 'auto', what: 'predicate', ms: 1 },
])(
  'who cannot follow is interrupted, goes on with a gap, and is right: $kind, $what',
  {
    timeout: TIMEOUT_MS,
  },
  async (each) => {
    const { statistics, errors } = await slowedBy(each);
    expect(statistics.interruptions).toBeGreaterThan(0);
    expect(statistics.gaps.reconnected).toBeGreaterThan(0);
    expect(errors.join()).toMatch(/OVERFLOW|SILENT/);
  },
);

test(
  'who cannot follow from a durable slot is interrupted, and told of every change nevertheless',
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    // What is not dropped takes its time: a tenth of the flood.
    const count = Math.max(3_000, COUNT / 10);
    const { statistics } = await slowedBy({ kind: 'durable', what: 'listener', ms: 1, count });
    expect(statistics.interruptions).toBeGreaterThan(0);
    expect(statistics.changes).toBeGreaterThanOrEqual(count);
    expect(Object.values(statistics.gaps)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  },
);

test.each<Case>([
  { kind: 'notify', what: 'iteration', ms: 1 },
  { kind: 'replication', what: 'iteration', ms: 1 },
])(
  'a slow iteration is told less precisely, and holds up nobody: $kind',
  {
    timeout: TIMEOUT_MS,
  },
  async (each) => {
    const { statistics } = await slowedBy(each);
    expect(statistics.collapsedIterations).toBeGreaterThan(0);
    expect(statistics.changes).toBeGreaterThanOrEqual(COUNT);
  },
);
