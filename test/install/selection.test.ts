import { beforeAll, expect, test } from 'vitest';
import { commitPlan, type InstallOptions, planInstall, planUninstall } from '../../src/install/index.js';
import { fingerprint } from './catalog.js';
import { setup } from './replication-setup.js';

const it = setup();

beforeAll(async () => {
  await it.db.query(`create schema sales; create schema "Odd.Schema"; create schema empty;
    create table orders (id int primary key);
    create table sales.orders (id int primary key); create table sales.items (id int primary key);
    create table sales.log (a text); create table "Odd.Schema".items (id int primary key);
    create table sales.parts (id int primary key) partition by range (id);
    create table sales.parts_low partition of sales.parts for values from (0) to (10);
    create table sales.strays partition of sales.parts for values from (10) to (20)`);
});

/** The tables that would be watched. */
async function watched(options: Partial<InstallOptions>): Promise<string[]> {
  const { steps } = await planInstall(it.client, { mode: 'notify', ...options });
  return steps
    .map(({ purpose }) => /^(?:watch|publish) (\S+)$/.exec(purpose)?.[1] ?? '')
    .filter((name) => name !== '')
    .sort();
}

test('a bare name is looked up in the schemas that are given, in their order, and not on the search path', async () => {
  expect(await watched({ tables: ['orders'] })).toEqual(['public.orders']);
  expect(await watched({ tables: ['orders', 'items'], schemas: ['sales'] })).toEqual([
    'sales.items',
    'sales.orders',
  ]);
  expect(await watched({ tables: ['items', 'public.orders'], schemas: ['"Odd.Schema"', 'SALES'] })).toEqual([
    '"Odd.Schema".items',
    'public.orders',
  ]);
  await expect(watched({ tables: ['orders'], schemas: ['"Odd.Schema"'] })).rejects.toMatchObject({
    code: 'NO_SUCH_TABLE',
    message: 'There is no table orders in schema "Odd.Schema"',
    remedy: expect.stringContaining('orders'),
  });
  await expect(watched({ tables: ['orders'], schemas: ['slaes'] })).rejects.toMatchObject({
    code: 'NO_SUCH_SCHEMA',
    remedy: 'Did you mean sales?',
  });
  await expect(watched({ tables: ['sales.orders'], schemas: ['sales'] })).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringContaining('no table to be looked up in it'),
  });
  await expect(watched({ tables: ['items; drop'], schemas: ['sales'] })).rejects.toMatchObject({
    code: 'BAD_TABLE_NAME',
  });
});

test('all tables of a schema are taken, and tables that are named are added to them', async () => {
  const all = ['sales.items', 'sales.log', 'sales.orders', 'sales.parts', 'sales.parts_low', 'sales.strays'];
  expect(await watched({ allInSchemas: ['sales'] })).toEqual(all);
  expect(await watched({ allInSchemas: ['sales', 'sales'], tables: ['orders', 'sales.items'] })).toEqual([
    'public.orders',
    ...all,
  ]);
  for (const schema of ['pg_catalog', 'information_schema', 'pg_temp', 'a.b']) {
    await expect(watched({ allInSchemas: [schema] }), schema).rejects.toMatchObject({
      code: 'NO_SUCH_SCHEMA',
    });
  }
  await expect(watched({ allInSchemas: ['empty'] })).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringContaining('No table is left'),
  });
});

test('excluded tables are left out with their parts, in every schema where no schema is named', async () => {
  expect(await watched({ allInSchemas: ['sales'], exclude: ['log', 'sales.parts'] })).toEqual([
    'sales.items',
    'sales.orders',
  ]);
  const both = { allInSchemas: ['sales', '"Odd.Schema"'], tables: ['orders'] };
  expect(await watched({ ...both, exclude: ['items', 'log', 'parts', 'sales.orders'] })).toEqual([
    'public.orders',
  ]);
});

test('an exclusion that has no effect, or half an effect, is an error', async () => {
  const exclude = async (...names: string[]) => watched({ allInSchemas: ['sales'], exclude: names });
  await expect(exclude('itms')).rejects.toMatchObject({
    code: 'NO_SUCH_TABLE',
    message: 'To exclude itms has no effect: it is not among the tables',
    remedy: 'Did you mean sales.items?',
  });
  await expect(exclude('public.orders')).rejects.toMatchObject({ code: 'NO_SUCH_TABLE' });
  await expect(exclude('parts_low')).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: 'sales.parts_low cannot be excluded: it is part of sales.parts',
  });
  await expect(exclude('log', 'a;b')).rejects.toMatchObject({ code: 'BAD_TABLE_NAME' });
  await expect(watched({ tables: ['orders'], exclude: ['orders'] })).rejects.toMatchObject({
    code: 'BAD_OPTION',
  });
});

test('in a schema, what cannot be watched is skipped, each with a note; where it is named, it is an error', async () => {
  await it.db.query(`create schema mixed; create table mixed.good (id int primary key); create table mixed.keyless (a int);
    create unlogged table mixed.fleeting (id int primary key); create view mixed.seen as select 1 as a;
    create materialized view mixed.stored as select 1 as a; create sequence mixed.counter;
    create table mixed.mother (id int); create table mixed.father (id int);
    create table mixed.heir () inherits (mixed.mother, mixed.father);
    create table mixed.packed (id int primary key); alter extension plpgsql add table mixed.packed;
    create function mixed.f() returns trigger language plpgsql as 'begin return null; end';
    create table mixed.taken (id int primary key);
    create trigger pgcachewatch_row after insert on mixed.taken for each statement execute function mixed.f()`);
  const plan = (mode: 'notify' | 'replication' | 'both') =>
    planInstall(it.client, { mode, allInSchemas: ['mixed'] });
  const skipped = async (mode: 'notify' | 'replication' | 'both') =>
    (await plan(mode)).notes.flatMap((note) => /^Skipped (mixed\.\w+): /.exec(note)?.[1] ?? []).sort();
  const never = ['mixed.father', 'mixed.mother', 'mixed.packed', 'mixed.stored'];
  expect(await watched({ allInSchemas: ['mixed'] })).toEqual([
    'mixed.fleeting',
    'mixed.good',
    'mixed.keyless',
  ]);
  expect(await skipped('notify')).toEqual([...never, 'mixed.taken']);
  expect(await watched({ mode: 'replication', allInSchemas: ['mixed'] })).toEqual([
    'mixed.good',
    'mixed.taken',
  ]);
  const unpublished = ['mixed.father', 'mixed.fleeting', 'mixed.keyless', ...never.slice(1)];
  expect(await skipped('replication')).toEqual(unpublished);
  expect(await skipped('both')).toEqual([...unpublished, 'mixed.taken']);
  for (const table of ['mixed.keyless', 'mixed.fleeting', 'mixed.heir', 'mixed.stored', 'mixed.taken']) {
    await expect(
      planInstall(it.client, { mode: 'both', allInSchemas: ['mixed'], tables: [table] }),
      table,
    ).rejects.toMatchObject({ message: expect.stringContaining('mixed.') });
  }
  expect(await watched({ tables: ['mixed.packed'] })).toEqual(['mixed.packed']);
  const before = await fingerprint(it.db);
  await commitPlan(it.client, await plan('both'));
  expect(await it.published()).toEqual(['mixed.good']);
  await it.install(['mixed.packed'], { mode: 'notify' });
  // What was installed goes, whatever it is.
  const away = await planUninstall(it.client, { allInSchemas: ['mixed'] });
  expect(away.notes.join()).not.toContain('Skipped');
  await commitPlan(it.client, away);
  expect(await fingerprint(it.db)).toEqual(before);
});

test('a partition in the schema stands for its tree, wherever the rest of it is', async () => {
  await it.db.query(`create schema cold; create table hot (id int primary key) partition by range (id);
    create table cold.hot_low partition of hot for values from (0) to (10)`);
  const made = await planInstall(it.client, { mode: 'notify', allInSchemas: ['cold'] });
  expect(made.notes).toContain('cold.hot_low is part of public.hot, which stands for it and all its parts.');
  expect(await watched({ allInSchemas: ['cold'] })).toEqual(['cold.hot_low', 'public.hot']);
  expect(await watched({ allInSchemas: ['cold'], tables: ['orders'], exclude: ['hot_low'] })).toEqual([
    'public.orders',
  ]);
});

test('uninstalling takes the same choice: of schemas, and of all but some', async () => {
  const before = await fingerprint(it.db);
  const install = async () =>
    commitPlan(
      it.client,
      await planInstall(it.client, {
        mode: 'both',
        allInSchemas: ['sales'],
        tables: ['orders'],
        exclude: ['log'],
      }),
    );
  const left = async () => {
    const { rows } = await it.db.query(`select distinct tgrelid::regclass::text as name from pg_trigger
      where tgfoid = to_regproc('pgcachewatch.notify_row_key') union select prrelid::regclass::text || ' published' from pg_publication_rel order by 1`);
    return rows.map(({ name }) => name);
  };
  await install();
  await commitPlan(
    it.client,
    await planUninstall(it.client, { allInSchemas: ['sales'], exclude: ['items'] }),
  );
  expect(await left()).toEqual(['orders', 'orders published', 'sales.items', 'sales.items published']);
  await install();
  await commitPlan(it.client, await planUninstall(it.client, { exclude: ['sales.orders'] }));
  expect(await left()).toEqual(['sales.orders', 'sales.orders published']);
  await expect(planUninstall(it.client, { exclude: ['sales.items'] })).rejects.toMatchObject({
    code: 'NO_SUCH_TABLE',
  });
  await commitPlan(it.client, await planUninstall(it.client, { tables: ['orders'], schemas: ['sales'] }));
  expect(await fingerprint(it.db)).toEqual(before);
});
