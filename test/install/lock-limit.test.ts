import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitPlan, type Plan, planInstall, planUninstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

let db: TestDatabase;
let client: Client;
beforeAll(async () => {
  db = await createDatabase();
  client = await db.client();
});
afterAll(() => db.drop());

const ways: readonly [string, (plan: Plan) => Promise<unknown>][] = [
  ['by the command', (plan) => commitPlan(client, plan)],
  ['by its script', (plan) => client.query(plan.sql)],
];

async function watched(prefix: string, count: number): Promise<string[]> {
  const tables = Array.from({ length: count }, (_, i) => `${prefix}_${i}`);
  for (const table of tables) await db.query(`create table ${table} (id int primary key)`);
  await commitPlan(client, await planInstall(client, { tables, mode: 'notify' }));
  return tables;
}

/** That somebody waits for a lock on the table, or has it. */
async function isLocked(
  table: string,
  granted: boolean,
  by: Pick<TestDatabase, 'query'> = db,
): Promise<boolean> {
  const { rowCount } = await by.query(
    "select from pg_locks where relation = to_regclass($1) and mode = 'AccessExclusiveLock' and granted = $2",
    [table, granted],
  );
  return rowCount !== 0;
}

const TABLES = 8;
const EACH_MS = 500;
const LIMIT_MS = 600;

test.each(
  ways,
)('however many tables are busy, their readers wait for no longer than the limit: %s', async (_, run) => {
  const tables = await watched('busy', TABLES);
  const plan = await planUninstall(client, { tables, lockTimeoutMs: LIMIT_MS });
  const [first = '', ...others] = tables;
  const over = { is: false };
  const holders = others.map(async (table) => {
    const holder = await db.client();
    await holder.query(`begin; select from ${table}`);
    const { rows } = await holder.query('select pg_backend_pid() as pid');
    return { table, holder, pid: rows[0].pid };
  });
  const held = await Promise.all(holders);
  // Each lets its table go after it has been waited for, so that no lock alone takes longer than the limit.
  const releases = held.map(async ({ table, holder }) => {
    await until(
      async () => over.is || (await isLocked(table, false, holder)),
      `${table} is waited for`,
      30_000,
    );
    await holder.query('select pg_sleep($1)', [over.is ? 0 : EACH_MS / 1000]);
    await holder.query('commit');
  });
  const reader = await db.client();
  const outcome = run(plan).then(
    () => null,
    (error: unknown) => error,
  );
  await until(() => isLocked(first, true), 'the first table is locked');
  const began = performance.now();
  await reader.query(`select from ${first}`);
  const waited = performance.now() - began;
  const error = await outcome;
  over.is = true;
  await Promise.all(releases);
  expect(waited).toBeLessThan((TABLES - 2) * EACH_MS);
  expect(error).toMatchObject({
    message: expect.stringMatching(
      new RegExp(`^Could not lock public\\.busy_\\d in mode ACCESS EXCLUSIVE.* ${LIMIT_MS} ms`),
    ),
  });
  const said =
    error instanceof Error
      ? { remedy: undefined, detail: undefined, hint: undefined, ...error }
      : expect.fail();
  const names = new RegExp(held.map(({ pid }) => `pid ${pid}`).join('|'));
  expect(`${error instanceof Error ? error.message : ''} ${said.detail ?? ''}`).toMatch(names);
  expect(said.remedy ?? said.hint).toMatch(/run this again.*--lock-timeout/i);
  for (const table of tables) await db.query(`drop table ${table}`);
  for (const { holder } of held) await holder.end();
});

test.each(
  ways,
)('a transaction that needs the tables in another order goes on, and so does the installation after it: %s', async (_, run) => {
  const tables = await watched('crossed', 2);
  const [first = '', second = ''] = tables;
  const plan = await planUninstall(client, { tables, lockTimeoutMs: 30_000 });
  const other = await db.client();
  await other.query(`begin; select from ${second}`);
  const done = run(plan);
  await until(() => isLocked(second, false), 'the second table is waited for');
  expect(await isLocked(first, true)).toBe(true);
  await other.query(`select from ${first}`);
  await other.query('commit');
  await done;
  expect((await planUninstall(client, { tables })).statements).toEqual([]);
  for (const table of tables) await db.query(`drop table ${table}`);
  await other.end();
});

test('a role that may not LOCK a table can still give it triggers', async () => {
  const role = `trigger_${db.name}`;
  await db.query(`create role ${role}; create table granted (id int primary key); grant trigger on granted to ${role};
    grant create on database ${db.name} to ${role}`);
  try {
    await client.query(`set role ${role}`);
    await commitPlan(client, await planInstall(client, { tables: ['granted'], mode: 'notify' }));
    await client.query('reset role');
    await commitPlan(client, await planUninstall(client));
    await client.query(`set role ${role}`);
    await client.query((await planInstall(client, { tables: ['granted'], mode: 'notify' })).sql);
  } finally {
    await client.query('reset role');
    await commitPlan(client, await planUninstall(client));
    await db.query(`drop table granted; drop owned by ${role}; drop role ${role}`);
  }
});

test('parents are locked before their children, as queries do', async () => {
  await db.query(`create table z_root (id int primary key) partition by range (id);
    create table a_leaf partition of z_root for values from (0) to (10)`);
  await commitPlan(client, await planInstall(client, { tables: ['z_root'], mode: 'notify' }));
  const reader = await db.client();
  await reader.query('begin; lock table only z_root in access share mode');
  const done = commitPlan(client, await planUninstall(client, { lockTimeoutMs: 30_000 }));
  await until(() => isLocked('z_root', false), 'the root is waited for');
  expect(await isLocked('a_leaf', true)).toBe(false);
  await reader.query('select from z_root');
  await reader.query('commit');
  await done;
  await db.query('drop table z_root');
});
