import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { until } from '../support/until.js';
import { buildConsumers, type Consumers } from './consumer.js';
import { createFlooded, type Flooded, flood } from './flooded.js';

const serverPackage = inject('serverPackage');
let consumers: Consumers;
let server: EmbeddedServer;
let flooded: Flooded;
beforeAll(async () => {
  consumers = await buildConsumers();
  server = await startEmbeddedServer({
    packageName: serverPackage ?? '',
    settings: { max_notify_queue_pages: '64' },
  });
});
afterAll(async () => {
  await consumers?.remove();
  await server?.stop();
});
beforeEach(async () => {
  flooded = await createFlooded(server.url);
});
afterEach(() => flooded.drop());

test('stopped', { timeout: 60_000 }, async () => {
  const { database } = flooded;
  await using consumer = await consumers.start({
    source: flooded.options('notify', { silenceLimitMs: 5000 }),
  });
  await consumer.ask('compare');
  consumer.stop();
  let failed: unknown;
  const begun = performance.now();
  for (let i = 0; i < 1000 && !failed; i++) {
    await flood(database, `flood_notifications(10000, 100, 'watched')`).catch((e) => {
      failed = e;
    });
  }
  console.info(String(failed), performance.now() - begun);
  const usage = async () => (await database.query('select pg_notification_queue_usage() u')).rows[0].u;
  console.info('usage', await usage());
  const state = async () =>
    (
      await database.query(
        `select pid, state, wait_event, query, backend_type from pg_stat_activity where application_name like 'pgcachewatch%'`,
      )
    ).rows;
  console.info(await state());
  await until(async () => (await usage()) < 0.1, 'free', 10_000).catch((e) => console.info(String(e)));
  console.info('free after', performance.now() - begun, await state());
  consumer.resume();
  consumer.ask('compare').then((c) => console.info('COMPARED', c), console.info);
  for (let i = 0; i < 5; i++) {
    await new Promise((r) => setTimeout(r, 2000));
    console.info(await consumer.ask('report'), await state(), await usage());
  }
});
