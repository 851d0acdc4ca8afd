import { escapeIdentifier } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import {
  commitPlan,
  type InstallOptions,
  type Plan,
  planInstall,
  planUninstall,
} from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { fingerprint } from './catalog.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

async function plan(tables: readonly string[], options: Partial<InstallOptions> = {}): Promise<Plan> {
  return planInstall(await db.client(), { tables, mode: 'notify', ...options });
}

async function install(tables: readonly string[], options: Partial<InstallOptions> = {}): Promise<Plan> {
  const made = await plan(tables, options);
  await commitPlan(await db.client(), made);
  return made;
}

async function uninstall(tables?: readonly string[]): Promise<Plan> {
  const client = await db.client();
  const made = await planUninstall(client, { tables });
  await commitPlan(client, made);
  return made;
}

test('installing twice does nothing the second time; uninstalling leaves the database as it was', async () => {
  await db.query(`create table goods (id int primary key);
    create schema "Odd ""Schema"; create table "Odd ""Schema"."select" (id int);
    create table parts (id int primary key) partition by range (id);
    create table parts_low partition of parts for values from (0) to (10)`);
  const names = ['goods', '"Odd ""Schema"."select"', 'parts'];
  const before = await fingerprint(db);
  await install(names, { always: true });
  const installed = await fingerprint(db);
  expect(installed).not.toEqual(before);
  const again = await install(names, { always: true });
  expect(again.statements).toEqual([]);
  expect(again.findings).toContain(
    'public.goods: has triggers of this version, level key, key (id); nothing to change',
  );
  expect(await fingerprint(db)).toEqual(installed);
  await uninstall();
  expect(await fingerprint(db)).toEqual(before);
  expect((await uninstall()).notes).toEqual(['There is nothing of pgcachewatch to remove.']);
});

test('making a plan changes nothing, and its script does what committing it does', async () => {
  await db.query('create table scripted (id int primary key)');
  const before = await fingerprint(db);
  const made = await plan(['scripted'], { level: 'row' });
  expect(await fingerprint(db)).toEqual(before);
  await db.query(made.sql);
  expect((await plan(['scripted'], { level: 'row' })).statements).toEqual([]);
  const away = await planUninstall(await db.client());
  await db.query(away.sql);
  expect(await fingerprint(db)).toEqual(before);
});

test('a change of the options, a disabled trigger and an older function are all put right', async () => {
  await db.query('create table tuned (id int primary key)');
  await install(['tuned']);
  const definitions = async () =>
    (
      await db.query(
        "select tgname, tgenabled, encode(tgargs, 'escape') as args from pg_trigger where tgrelid = 'tuned'::regclass",
      )
    ).rows;
  const original = await definitions();
  await install(['tuned'], { level: 'row', channel: 'other', maxRows: 7, always: true });
  expect(await definitions()).toEqual(
    original.map(({ tgname }) => ({
      tgname,
      tgenabled: 'A',
      args: String.raw`row\000{id}\000other\0007\000always\000`,
    })),
  );
  await install(['tuned']);
  expect(await definitions()).toEqual(original);
  await db.query('alter table tuned disable trigger pgcachewatch_row');
  await install(['tuned']);
  expect(await definitions()).toEqual(original);
  await db.query("alter function pgcachewatch.notify_row() set timezone = 'Asia/Tokyo'");
  expect((await install(['tuned'])).steps.map(({ purpose }) => purpose)).toEqual([
    'create the trigger functions',
    'check who owns the schema pgcachewatch and the functions in it',
  ]);
  expect((await plan(['tuned'])).statements).toEqual([]);
  await db.query(
    'alter table tuned drop constraint tuned_pkey; alter table tuned add column k text primary key',
  );
  await install(['tuned']);
  expect((await definitions())[0]?.args).toContain('{k}');
  await uninstall();
});

test('uninstalling some tables leaves the others; the last one takes the schema with it', async () => {
  await db.query('create table one (id int primary key); create table two (id int primary key)');
  const before = await fingerprint(db);
  await install(['one', 'two']);
  expect((await uninstall(['one'])).notes).toContain('Still watched: public.two.');
  expect((await plan(['two'])).statements).toEqual([]);
  expect((await uninstall(['one'])).notes).toContain('public.one is not watched.');
  await uninstall(['two']);
  expect(await fingerprint(db)).toEqual(before);
});

test('a schema in which somebody keeps something else is left to them', async () => {
  await db.query('create table kept (id int primary key)');
  await install(['kept']);
  await db.query('create table pgcachewatch.theirs (id int)');
  expect((await uninstall()).notes).toContain(
    'The schema pgcachewatch stays: it holds something that is not of pgcachewatch.',
  );
  expect((await db.query("select to_regclass('pgcachewatch.theirs') is not null as there")).rows).toEqual([
    { there: true },
  ]);
  await install(['kept']);
  await db.query('drop table pgcachewatch.theirs');
  await uninstall();
});

test('a partition stands for its whole tree, and one detached since is found, too', async () => {
  await db.query(`create table tree (id int primary key) partition by range (id);
    create table leaf partition of tree for values from (0) to (10) partition by range (id);
    create table leaf_of_leaf partition of leaf for values from (0) to (5)`);
  const made = await install(['leaf', 'tree', 'TREE', 'public.leaf_of_leaf', 'leaf']);
  expect(made.sql.match(/after insert or update or delete on/g)).toHaveLength(1);
  expect(made.sql.match(/after truncate on/g)).toHaveLength(3);
  const alone = await plan(['leaf']);
  expect(alone.statements).toEqual([]);
  expect(alone.notes).toContain('public.leaf is part of public.tree, which stands for it and all its parts.');
  await db.query('alter table tree detach partition leaf');
  expect((await uninstall(['tree'])).notes.join()).toContain(
    'Still watched: public.leaf, public.leaf_of_leaf',
  );
  await uninstall();
  await db.query('alter table tree attach partition leaf for values from (0) to (10)');
  const left = await db.query("select tgname from pg_trigger where tgname like 'pgcachewatch%'");
  expect(left.rows).toEqual([]);
  expect(JSON.stringify(await fingerprint(db))).not.toContain('notify_row');
});

test('a new partition is taken in by installing again', async () => {
  await db.query('create table grown (id int primary key) partition by range (id)');
  expect((await install(['grown'])).notes.join()).toContain(
    'partitions that are added later are watched with it',
  );
  await db.query('create table grown_more partition of grown for values from (0) to (5)');
  expect((await install(['grown'])).steps.map(({ purpose }) => purpose)).toEqual(['watch public.grown_more']);
  await uninstall();
});

test('names are read as SQL reads them, by the server, on its search path', async () => {
  await db.query(
    'create schema first; create schema second; create table second.here (id int); create table "Here" (id int)',
  );
  const client = await db.client();
  await client.query('set search_path = first, second, public');
  for (const [name, found] of [
    ['HERE', 'second.here'],
    ['"Here"', 'public."Here"'],
    ['  SECOND . here ', 'second.here'],
  ]) {
    const made = await planInstall(client, { tables: [name ?? ''], mode: 'notify' });
    expect(made.steps.at(-1)?.purpose).toBe(`watch ${found}`);
  }
});

test('a name that is none is not run; all wrong names are told at once, with near ones', async () => {
  await db.query(
    'create table orders (id int); create table "Orders" (id int); create schema far; create table far.remote (id int)',
  );
  const names = [
    'x; drop table orders',
    'ordrs',
    '"',
    '',
    '16384',
    'a.b.c.d',
    'remote',
    'pg_class',
    'orders',
  ];
  const error = await plan(names).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'PgCacheWatchError', code: 'BAD_TABLE_NAME' });
  const { message, remedy } = error as { message: string; remedy: string };
  for (const name of names.slice(0, 7)) expect(message).toContain(name === '"' ? String.raw`"\""` : name);
  expect(message).toContain('pg_catalog.pg_class belongs to the system');
  expect(remedy).toContain('Did you mean orders or "Orders"?');
  expect(remedy).toContain('Did you mean far.remote?');
  expect((await db.query("select to_regclass('orders') is not null as there")).rows).toEqual([
    { there: true },
  ]);
});

test.each([
  ['ordrs'],
  ['public.ordrs'],
  ['"ORDERS"'],
])('%s is not there, and orders is near', async (name) => {
  await db.query('create table if not exists orders (id int)');
  await expect(plan([name])).rejects.toMatchObject({
    code: 'NO_SUCH_TABLE',
    message: expect.stringContaining(name),
    remedy: expect.stringContaining('orders'),
  });
});

test('what no trigger can watch is refused, with the reason', async () => {
  await db.query(`create table base (id int primary key);
    create view seen as select * from base; create materialized view stored as select * from base;
    create sequence counter; create type shape as (a int); create index base_index on base (id);
    create table mother (id int); create table father (id int); create table heir () inherits (mother, father);
    create table owned (id int); create function other() returns trigger language plpgsql as 'begin return null; end';
    create trigger pgcachewatch_row after insert on owned for each statement execute function other()`);
  for (const [name, reason] of [
    ['seen', 'a view'],
    ['stored', 'a materialized view'],
    ['counter', 'a sequence'],
    ['shape', 'a composite type'],
    ['base_index', 'an index'],
    ['pg_class', 'the system'],
    ['information_schema.tables', 'the system'],
    ['mother', 'public.heir inherits from several tables'],
    ['heir', 'inherits from several tables'],
    ['owned', 'a trigger pgcachewatch_row, which is not of pgcachewatch'],
  ]) {
    await expect(plan([name ?? '']), name).rejects.toMatchObject({
      code: 'UNWATCHABLE',
      message: expect.stringContaining(reason ?? ''),
      remedy: expect.any(String),
    });
  }
  const client = await db.client();
  await client.query('create temp table passing (id int)');
  await expect(planInstall(client, { tables: ['passing'], mode: 'notify' })).rejects.toMatchObject({
    code: 'UNWATCHABLE',
    message: expect.stringContaining('temporary'),
  });
});

test('a foreign partition, for which a transition table would make inserts fail, is refused', async () => {
  const { rows } = await db.query("select 1 from pg_available_extensions where name = 'postgres_fdw'");
  await db.query(
    rows.length > 0 ? 'create extension postgres_fdw' : 'create foreign data wrapper postgres_fdw',
  );
  await db.query(`create server elsewhere foreign data wrapper postgres_fdw;
    create table spread (id int) partition by range (id);
    create foreign table spread_far partition of spread for values from (0) to (5) server elsewhere`);
  await expect(plan(['spread'])).rejects.toMatchObject({
    code: 'UNWATCHABLE',
    message: expect.stringContaining('spread_far'),
  });
  await expect(plan(['spread_far'])).rejects.toMatchObject({ code: 'UNWATCHABLE' });
});

test.each<[string, Partial<InstallOptions>]>([
  ['no table', { tables: [] }],
  ['an empty channel', { channel: '' }],
  ['a channel that is too long', { channel: 'é'.repeat(32) }],
  ['no rows', { maxRows: 0 }],
  ['half a row', { maxRows: 1.5 }],
  ['more rows than can be', { maxRows: Number.POSITIVE_INFINITY }],
])('%s is refused as an option', async (_, options) => {
  await expect(plan(['orders'], options)).rejects.toMatchObject({
    code: 'BAD_OPTION',
    remedy: expect.any(String),
  });
});

test('an owner of nothing but a table installs on it where the function is there, and is told who owns that', async () => {
  const role = escapeIdentifier(`owner_${db.name}`);
  await db.query(`create role ${role} nosuperuser; create table theirs (id int primary key); create table mine (id int primary key);
    alter table theirs owner to ${role}; revoke create on schema public from public`);
  const client = await db.client();
  try {
    await client.query(`set role ${role}`);
    const first = await planInstall(client, { tables: ['theirs'], mode: 'notify' });
    await expect(commitPlan(client, first)).rejects.toMatchObject({
      code: 'SERVER',
      sqlState: '42501',
      message: expect.stringContaining('create the schema pgcachewatch'),
      remedy: expect.stringContaining('GRANT CREATE ON DATABASE'),
    });
    await install(['mine']);
    const second = await planInstall(client, { tables: ['theirs'], mode: 'notify' });
    expect(second.steps.map(({ purpose }) => purpose)).toEqual(['watch public.theirs']);
    expect(second.notes.join()).toContain('who can change what they do');
    await commitPlan(client, second);
    const foreign = await planInstall(client, { tables: ['mine', 'theirs'], mode: 'notify', level: 'row' });
    await expect(commitPlan(client, foreign)).rejects.toMatchObject({
      message: expect.stringContaining('public.mine'),
      remedy: expect.stringContaining('GRANT TRIGGER ON public.mine'),
    });
    // Nothing of a failed plan stays.
    expect((await planInstall(client, { tables: ['theirs'], mode: 'notify' })).statements).toEqual([]);
    await client.query('reset role');
    await uninstall(['mine']);
    await client.query(`set role ${role}`);
    const last = await planUninstall(client);
    expect(last.notes.join()).toContain('stay');
    await commitPlan(client, last);
    await client.query('reset role');
    await uninstall();
    expect((await db.query("select to_regnamespace('pgcachewatch') as schema")).rows).toEqual([
      { schema: null },
    ]);
  } finally {
    await db.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test('two installations at once both succeed', async () => {
  await db.query(
    'create table left_table (id int primary key); create table right_table (id int primary key)',
  );
  const plans = await Promise.all([plan(['left_table', 'right_table']), plan(['right_table', 'left_table'])]);
  const clients = await Promise.all(plans.map(() => db.client()));
  await Promise.all(plans.map((made, i) => commitPlan(clients[i] ?? expect.fail(), made)));
  expect((await plan(['left_table', 'right_table'])).statements).toEqual([]);
  await uninstall();
});

test('what could be taken for the end of a comment, or of a statement, is neither', async () => {
  const name = escapeIdentifier('x\n; drop table orders; --');
  await db.query(`create table if not exists orders (id int); create table ${name} (id int primary key)`);
  const made = await plan([name, 'orders']);
  await db.query(made.sql);
  await db.query((await planUninstall(await db.client())).sql);
  expect((await db.query("select to_regclass('orders') is not null as there")).rows).toEqual([
    { there: true },
  ]);
});

test('where transactions can be prepared, installing is refused unless it is allowed', async (context) => {
  const packageName = inject('serverPackage');
  if (packageName === null) return context.skip();
  const server = await startEmbeddedServer({ packageName, settings: { max_prepared_transactions: '5' } });
  try {
    const own = await createDatabase(server.url);
    const client = await own.client();
    await client.query('create table t (id int primary key)');
    await expect(planInstall(client, { tables: ['t'], mode: 'notify' })).rejects.toMatchObject({
      code: 'WOULD_BREAK_WRITERS',
      message: expect.stringContaining('max_prepared_transactions is 5'),
      remedy: expect.stringContaining('--allow-prepared-transactions'),
    });
    const allowed = await planInstall(client, {
      tables: ['t'],
      mode: 'notify',
      allowPreparedTransactions: true,
    });
    expect(allowed.warnings).toEqual([expect.stringContaining('PREPARE TRANSACTION will fail')]);
    await commitPlan(client, allowed);
    // The reason for all this, on this server.
    await client.query('begin; insert into t values (1)');
    await expect(client.query("prepare transaction 'p'")).rejects.toMatchObject({ code: '0A000' });
    await own.drop();
  } finally {
    await server.stop();
  }
});
