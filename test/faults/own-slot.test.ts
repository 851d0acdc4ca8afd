import { afterEach, expect, inject, test, vi } from 'vitest';
import type { FaultyProxy } from './rig/faulty-proxy.js';
import { startFaultyProxy } from './rig/start-faulty-proxy.js';
import { openScenario, type Scenario, until } from './scenario.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

let proxy: FaultyProxy | undefined;
let scenario: Scenario | undefined;
afterEach(async () => {
  await scenario?.source.close();
  // Only now does the server learn that the connections have gone.
  await proxy?.close();
  await scenario?.end();
  scenario = proxy = undefined;
});

test('a durable slot that our own last connection still holds is taken over, not waited for', async () => {
  const through = await startFaultyProxy(inject('serverUrl'));
  proxy = through;
  const s = await openScenario('replication, durable slot', {
    // The server holds on to a slot for so long after its reader has vanished: longer than this test may take.
    source: { silenceLimitMs: 120_000 },
    connection: (url) => {
      const byWay = new URL(url);
      byWay.port = new URL(through.url).port;
      return byWay.href;
    },
  });
  scenario = s;
  const holder = async (): Promise<number | null> => {
    const { rows } = await s.query('select active_pid from pg_replication_slots where slot_name = $1', [
      s.slot,
    ]);
    return rows[0].active_pid;
  };
  await s.expectCachesRight();
  const own = await holder();
  expect(own).not.toBeNull();

  through.vanish();
  await s.becomes('interrupted');
  await s.query('insert into t values (30, 0)');
  expect(await holder(), 'the server has not noticed').toBe(own);
  through.restore();
  const outcome = await until(
    () =>
      s.errors.find((error) => 'code' in error && error.code === 'SLOT_IN_USE') ?? s.source.state === 'live',
    'the slot to be taken over or waited for',
  );

  expect(outcome).toBe(true);
  expect(await holder()).not.toBe(own);
  await s.source.caughtUp();
  expect(s.heardIds).toContain(30);
  expect(s.gaps).toEqual([]);
  await s.expectCachesRight();
});
