import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildConsumers, type Consumers } from './consumer.js';
import { createFlooded, type Flooded, flood, type Kind, kinds } from './flooded.js';
import { say } from './said.js';
import { expectToFollow, MAX_BLOCKED_MS, MAX_GROWTH_MB, scaled, TIMEOUT_MS } from './scale.js';

// More than the 10,000 that are held, also at a hundredth.
const COUNT = Math.max(12_000, scaled(1_000_000));

let consumers: Consumers;
let flooded: Flooded | undefined;
beforeAll(async () => {
  consumers = await buildConsumers();
});
afterAll(() => consumers?.remove());
afterEach(() => flooded?.drop());

test.each<Kind>([...kinds])(
  'a million changes in one transaction are one of the whole table: %s',
  {
    timeout: TIMEOUT_MS,
  },
  async (kind) => {
    flooded = await createFlooded(kind === 'notify' ? 'notify' : 'replication');
    await using consumer = await consumers.start({ source: flooded.options(kind) });
    await consumer.ask('compare');
    // What the triggers would send at a million statements, without the hours that these would take.
    const call =
      kind === 'notify' ? `flood_notifications(${COUNT}, ${COUNT}, 'watched')` : `flood_row_by_row(${COUNT})`;
    const tookS = await flood(flooded.database, call);
    const compared = await consumer.ask('compare');
    const report = await consumer.ask('report');
    say(`one transaction, ${kind}`, COUNT, tookS, compared, report);
    expect(compared.different).toBe(0);
    expectToFollow(report);
    if (report.statistics.interruptions === 0) {
      expect(report.wholeTables).toBe(1);
      expect(report.statistics.collapsed).toBe(1);
    }
    expect(report.peakRssMb).toBeLessThan(MAX_GROWTH_MB);
    expect(report.blockedMs).toBeLessThan(MAX_BLOCKED_MS);
  },
);
