import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitPlan, planInstall, planUninstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const options = { mode: 'replication', replicaIdentity: 'always-full' } as const;

async function identities(): Promise<Record<string, string>> {
  const { rows } = await database.query(
    `select relname, relreplident from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  return Object.fromEntries(rows.map((row) => [row.relname, row.relreplident]));
}

test('always-full logs whole rows of all the tables, and uninstall gives them back what they had', async () => {
  await database.query(`create table orders (id int primary key); create table others (id int primary key);
    create table parts (id int primary key) partition by range (id);
    create table parts_low partition of parts for values from (0) to (9)`);
  const client = await database.client();
  const plan = () => planInstall(client, { tables: ['orders', 'parts'], ...options });
  await commitPlan(client, await plan());
  expect(await identities()).toEqual({ orders: 'f', others: 'd', parts_low: 'f' });
  expect((await plan()).steps).toEqual([]);
  await commitPlan(client, await planUninstall(client, { mode: 'replication' }));
  expect(await identities()).toEqual({ orders: 'd', others: 'd', parts_low: 'd' });
});

test('of tables that are published already, too, and says what it does', async () => {
  await database.query('create table orders (id int primary key)');
  const client = await database.client();
  await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'replication' }));
  const plan = await planInstall(client, { tables: ['orders'], ...options });
  expect(plan.notes).toEqual([]);
  expect(plan.steps.map(({ purpose }) => purpose)).toContain('log whole rows of public.orders');
  await commitPlan(client, plan);
  expect(await identities()).toEqual({ orders: 'f' });
});

test('is refused where the writers would fail by it', async () => {
  const { rows } = await database.query('show server_version_num');
  if (Number(rows[0].server_version_num) < 180_000) return;
  await database.query(
    'create table orders (id int primary key, twice int generated always as (id * 2) virtual)',
  );
  const client = await database.client();
  const plan = planInstall(client, { tables: ['orders'], ...options });
  await expect(plan).rejects.toMatchObject({
    code: 'WOULD_BREAK_WRITERS',
    remedy: expect.stringContaining('always-full'),
  });
});

test('is refused for a publication of somebody else', async () => {
  await database.query(
    'create table orders (id int primary key); create publication pgcachewatch for table orders',
  );
  const client = await database.client();
  const plan = planInstall(client, { tables: ['orders'], ...options });
  await expect(plan).rejects.toMatchObject({ code: 'PUBLICATION_FOREIGN' });
  expect(await identities()).toEqual({ orders: 'd' });
});
