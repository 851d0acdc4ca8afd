import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildConsumers, type Consumers } from './consumer.js';
import { createFlooded, type Flooded, flood } from './flooded.js';
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

const COUNT = scaled(1_000_000);

test.each(['watched', 'foreign', 'garbage'])('%s', { timeout: TIMEOUT_MS }, async (kind) => {
  const { database } = flooded;
  await using consumer = await consumers.start({ source: flooded.options('notify') });
  await consumer.ask('compare');
  const tookS = await flood(
    database,
    `flood_notifications(${COUNT}, ${kind === 'watched' ? 50 : 10}, '${kind}')`,
  );
  const compared = await consumer.ask('compare');
  const report = await consumer.ask('report');
  console.info(kind, COUNT, 'in', tookS, compared, report);
  expect(compared.different).toBe(0);
});
