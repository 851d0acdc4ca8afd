import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ChangeSource, createSource } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { collectGarbage } from '../cache/collect-garbage.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** Two hundred megabytes of rows. */
const ROWS = 200;

let database: TestDatabase;
let source: ChangeSource;
beforeEach(async () => {
  database = await createDatabase();
  await database.query('create table flooded (id int primary key, filler text)');
  const client = await database.client();
  await commitPlan(client, await planInstall(client, { tables: ['flooded'], mode: 'replication' }));
  source = createSource({ connection: database.url, mode: 'replication' });
  await source.start();
});
afterEach(async () => {
  await source.close();
  await database.drop();
});

test('an iteration that nobody goes on with keeps so many bytes, then tells of whole tables', async () => {
  const changes = source[Symbol.asyncIterator]();
  await collectGarbage();
  const before = process.memoryUsage();
  for (let id = 1; id <= ROWS; id++) {
    await database.query(`insert into flooded values ($1, repeat('x', 1048576))`, [id]);
  }
  await source.caughtUp();
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  const growthMb = (heapUsed + external - before.heapUsed - before.external) / 2 ** 20;
  console.info(`${ROWS} MB of rows are kept in ${growthMb.toFixed(1)} MB`);
  expect(growthMb).toBeLessThan(64);
  expect(source.statistics.collapsedIterations).toBe(1);
  const { value } = await changes.next();
  expect(value).toMatchObject({ table: 'flooded', key: null });
});
