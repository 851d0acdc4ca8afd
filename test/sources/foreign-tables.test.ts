import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSource } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.query('create table orders (id int primary key); create table items (id int primary key)');
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: ['orders', 'items'], mode: 'notify' }));
});
afterAll(() => db.drop());

test('changes of tables that others watch on the channel do not hold up those that are wanted', async () => {
  await using source = createSource({ connection: db.url, mode: 'notify', tables: ['orders'] });
  await source.start();
  await db.query(`do $$ begin for id in 1 .. 5000 loop insert into items values (id); end loop; end $$`);
  const begun = performance.now();
  await source.caughtUp();
  const behindTheirs = performance.now() - begun;
  const before = performance.now();
  await source.caughtUp();
  const alone = Math.max(performance.now() - before, 1);
  // A query of the catalog for each of them would be thousands of round trips.
  expect(behindTheirs / alone).toBeLessThan(500);
});

test('a table that is installed while others are told of is watched from then on', async () => {
  await using source = createSource({ connection: db.url, mode: 'notify' });
  await source.start();
  await db.query('create table later (id int primary key)');
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: ['later'], mode: 'notify' }));
  const rewatched = new Promise<void>((resolve) => {
    source.on('gap', () => resolve());
  });
  await db.query('insert into later values (1)');
  await rewatched;
  expect(source.watched.find('later')).toBeDefined();
});
