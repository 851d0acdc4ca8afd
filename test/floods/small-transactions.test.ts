import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildConsumers, type Consumers } from './consumer.js';
import type { Slow } from './consumer-report.js';
import { createFlooded, type Flooded, flood, type Kind } from './flooded.js';
import { scaled, TIMEOUT_MS } from './scale.js';

let consumers: Consumers;
let flooded: Flooded;
beforeAll(async () => {
  consumers = await buildConsumers();
});
afterAll(() => consumers?.remove());
beforeEach(async () => {
  flooded = await createFlooded();
});
afterEach(() => flooded.drop());

const COUNT = scaled(600_000);

test.each<[Kind, Slow]>([
  ['notify', 'listener'],
  ['replication', 'listener'],
  ['durable', 'listener'],
  ['auto', 'predicate'],
  ['notify', 'iteration'],
  ['replication', 'iteration'],
])('%s %s', { timeout: TIMEOUT_MS }, async (kind, what) => {
  const { database } = flooded;
  const source = flooded.options(kind, { silenceLimitMs: 2_000 });
  await using consumer = await consumers.start({ source, slow: { what, ms: 1 } });
  await consumer.ask('compare');
  const begun = performance.now();
  await Promise.all([0, 1].map((i) => flood(database, `flood_rows(${COUNT / 2}, ${i})`)));
  const tookS = (performance.now() - begun) / 1000;
  const compared = await consumer.ask('compare');
  const report = await consumer.ask('report');
  console.info(kind, what, COUNT, 'in', tookS, 'per s', COUNT / tookS, compared, report);
  expect(compared.different).toBe(0);
});
