import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { commitPlan, type InstallOptions, planInstall, planUninstall } from '../../src/install/index.js';
import { fingerprint } from './catalog.js';
import { setup } from './replication-setup.js';

const it = setup();
const tables = ['sales', 'parts'];

afterEach(async () => {
  await it.uninstall();
  await it.db.query('drop table if exists sales, parts; drop table if exists other');
});

async function create(): Promise<void> {
  await it.db.query(`create table sales (id int primary key, code text not null unique, a text);
    create table parts (id int primary key, a text) partition by range (id);
    create table parts_low partition of parts for values from (0) to (10)`);
}

interface Old {
  readonly name: string;
  /** What makes the installation one of another version, or for another table. */
  readonly alter: string;
  readonly finding: RegExp;
  readonly options?: Partial<InstallOptions>;
  /** What is different afterwards from an installation that was never altered, beside what is ours. */
  readonly differs?: boolean;
}

const create_ = 'create trigger pgcachewatch_row';
const call = 'function pgcachewatch.notify_row_key';
const args = "('key', '{id}', 'ch_pgcachewatch_table_change', '1000', 'origin')";
const old: readonly Old[] = [
  {
    name: 'a function of another version',
    alter: `create or replace ${call}() returns trigger language plpgsql security definer as 'begin return null; end'`,
    finding: /^functions pgcachewatch\.notify_\*: are of another version; will be replaced/,
  },
  {
    name: 'a function with other settings',
    alter: 'alter function pgcachewatch.notify_row() set search_path = public',
    finding: /^functions pgcachewatch\.notify_\*: are of another version; will be replaced/,
  },
  {
    name: 'a function that is missing',
    alter: 'drop function pgcachewatch.notify_row()',
    finding: /^functions pgcachewatch\.notify_\*: are of another version; will be replaced/,
  },
  {
    name: 'triggers with the arguments of another version',
    alter: `drop trigger pgcachewatch_row on sales;
      ${create_} after insert on sales for each row execute ${call}('key', '{id}')`,
    finding: /^public\.sales: has triggers of an older version or altered; replaced, level key, key \(id\)$/,
  },
  {
    name: 'triggers of statements',
    alter: `drop trigger pgcachewatch_row on sales;
      ${create_} after update on sales for each statement execute ${call}${args}`,
    finding: /^public\.sales: has triggers of an older version or altered; replaced/,
  },
  {
    name: 'a constraint trigger, which cannot be replaced',
    alter: `drop trigger pgcachewatch_row on sales; create constraint trigger pgcachewatch_row
      after insert or update or delete on sales deferrable for each row execute ${call}${args}`,
    finding: /^public\.sales: .*of an older version or altered; replaced/,
  },
  {
    name: 'triggers of another name',
    alter: 'alter trigger pgcachewatch_row on sales rename to pgcachewatch_changes',
    finding: /^public\.sales: .*of an older version or altered; replaced/,
  },
  {
    name: 'a trigger with a condition, and one that is switched off',
    alter: `drop trigger pgcachewatch_row on sales;
      create trigger pgcachewatch_row after insert or update or delete on sales for each row
        when (pg_trigger_depth() > 99) execute ${call}${args};
      alter table sales disable trigger pgcachewatch_truncate`,
    finding: /^public\.sales: .*of an older version or altered; replaced/,
  },
  {
    name: 'a trigger that is missing',
    alter: 'drop trigger pgcachewatch_truncate on parts_low',
    finding: /^public\.parts and its 1 part: has no triggers on public\.parts_low; made/,
  },
  {
    name: 'a copy on a partition that is switched off',
    alter:
      'alter table parts_low disable trigger all; alter table parts_low enable trigger pgcachewatch_truncate',
    finding: /^public\.parts and its 1 part: .* on public\.parts_low; replaced/,
  },
  {
    name: 'a key that is another one now',
    alter: 'alter table sales drop constraint sales_pkey; alter table sales add primary key (code, id)',
    finding: /^public\.sales: has triggers for the key \(id\); replaced, level key, key \(code,id\)$/,
    differs: true,
  },
  {
    name: 'a level that is another one now',
    alter: '',
    options: { level: 'table' },
    finding: /^public\.sales: has triggers of level key; replaced, level table$/,
    differs: true,
  },
  {
    name: 'options that are other ones now',
    alter: '',
    options: { level: 'row', channel: 'other', maxRows: 5, always: true },
    finding:
      /^public\.sales: has triggers of level key, for the channel ch_pgcachewatch_table_change, for transactions of at most 1000 rows, that fire in sessions of origin only; replaced, level row, key \(id\)$/,
    differs: true,
  },
];

const older = (file: string) => readFileSync(new URL(`older/${file}`, import.meta.url), 'utf8');

/** What the version before installed: triggers of statements with transition tables. */
async function installOlder(names: readonly string[], args: string): Promise<void> {
  await it.db.query(`create schema if not exists pgcachewatch; grant usage on schema pgcachewatch to public;
    comment on schema pgcachewatch is 'Announces committed changes to caches (npm package pgcachewatch)'`);
  await it.db.query(older('functions.sql'));
  for (const name of names) {
    const sql = older('triggers.sql')
      .replaceAll(':"schema".:"table"', name)
      .replaceAll(':"function"', 'notify_change');
    await it.db.query(sql.replaceAll(/\(:'level'.*\)/g, args));
  }
}

test('the triggers of the version before are replaced, their functions with the last of them; and all of it is put back', async () => {
  await create();
  await it.install(tables, { mode: 'notify' });
  const current = await fingerprint(it.db);
  await it.uninstall();
  await installOlder(
    ['sales', 'parts', 'parts_low'],
    "('key', '{id}', 'ch_pgcachewatch_table_change', '1000')",
  );
  const before = await fingerprint(it.db);

  const first = await it.plan(['sales'], { mode: 'notify' });
  expect(first.notes.join('\n')).toContain('which go on working: public.parts, public.parts_low.');
  await commitPlan(it.client, first);
  const half = await fingerprint(it.db);
  const second = await it.plan(tables, { mode: 'notify' });
  await commitPlan(it.client, second);
  expect(await fingerprint(it.db)).toEqual(current);
  expect((await it.plan(tables, { mode: 'notify' })).statements).toEqual([]);

  await it.db.query(second.down);
  expect(await fingerprint(it.db)).toEqual(half);
  await it.db.query(first.down);
  expect(await fingerprint(it.db)).toEqual(before);
  await it.uninstall();
  expect((await it.db.query("select from pg_namespace where nspname = 'pgcachewatch'")).rows).toEqual([]);
});

test.each(
  old,
)('$name: installing again puts it right in place, and the way back is to what was there', async (each) => {
  await create();
  const plan = () => it.plan(tables, { mode: 'notify', ...each.options });
  await it.install(tables, { mode: 'notify' });
  const current = await fingerprint(it.db);
  if (each.alter !== '') await it.db.query(each.alter);
  const before = await fingerprint(it.db);
  const upgrade = await plan();
  expect(upgrade.findings).toContainEqual(expect.stringMatching(each.finding));
  if (each.options === undefined) expect(upgrade.findings.join('\n')).toMatch(/; nothing to change$/m);

  await commitPlan(it.client, upgrade);
  expect((await plan()).statements).toEqual([]);
  const upgraded = await fingerprint(it.db);
  if (!each.differs) expect(upgraded).toEqual(current);
  await it.db.query(upgrade.down);
  expect(await fingerprint(it.db)).toEqual(before);
  await it.db.query(upgrade.sql);
  expect(await fingerprint(it.db)).toEqual(upgraded);
});

const publications: readonly Omit<Old, 'finding'>[] = [
  {
    name: 'that tells less',
    alter: `alter publication p set (publish = 'insert', publish_via_partition_root = true)`,
  },
  { name: 'that has some of the tables', alter: 'alter publication p drop table parts' },
  { name: 'of some columns', alter: 'alter publication p set table sales (id), parts' },
  {
    name: 'with a row filter',
    alter: `alter publication p set table parts, sales where (id > 5 and id <> 7)`,
  },
  {
    name: 'to which another table has been added',
    alter:
      'create table other (id int primary key); alter publication p add table other; alter publication p drop table sales',
  },
];

test.each(
  publications,
)('a publication $name: it is put right, and the way back is to what was there', async ({
  name,
  alter,
  options,
}) => {
  if (it.version < 150_000 && /columns|filter/.test(name)) return;
  await create();
  const plan = () => it.plan(tables, { publication: 'p', ...options });
  await it.install(tables, { publication: 'p' });
  await it.db.query(alter);
  const before = await fingerprint(it.db);
  const change = await plan();
  expect(change.findings.join('\n')).toMatch(
    /^publication p: exists, (is altered|adds|publishes)|made FULL$/m,
  );
  await commitPlan(it.client, change);
  expect((await plan()).statements).toEqual([]);
  await it.db.query(change.down);
  expect(await fingerprint(it.db)).toEqual(before);
  await it.db.query(change.sql);
  expect((await plan()).statements).toEqual([]);
});

test('what the way back would break is refused, with nothing done', async () => {
  await create();
  await it.db.query('create table bare (a int); create table later (id int primary key)');
  const first = await it.install(['sales', 'bare'], { mode: 'both', replicaIdentity: 'full' });
  const before = await fingerprint(it.db);
  const refused = async (why: string, undo: string) => {
    const now = await fingerprint(it.db);
    await expect(it.client.query(first.down)).rejects.toThrow(why);
    expect(await fingerprint(it.db)).toEqual(now);
    await it.db.query(undo);
    expect(await fingerprint(it.db)).toEqual(before);
  };
  await it.db.query('alter publication pgcachewatch add table later');
  await refused(
    'Other tables or schemas are published by pgcachewatch since',
    'alter publication pgcachewatch drop table later',
  );
  await it.db.query('create publication others for table bare');
  await refused('UPDATE and DELETE on public.bare', 'drop publication others');
  const more = await it.install(['later'], { mode: 'notify' });
  await refused('because other objects depend on it', more.down);
  await it.db.query(first.down);
  await it.db.query('drop table bare, later');
});

test('the way back is not taken to where writers were broken', async () => {
  await create();
  await it.install(tables);
  await it.db.query('alter table sales drop constraint sales_pkey');
  const mended = await it.install(tables, { replicaIdentity: 'full' });
  expect(mended.findings).toContain('public.sales: has no replica identity that serves; made FULL');
  const before = await fingerprint(it.db);
  await expect(it.client.query(mended.down)).rejects.toThrow('UPDATE and DELETE on public.sales');
  expect(await fingerprint(it.db)).toEqual(before);
});

test('a script remembers replica identities by name, and works in a copy of the database', async () => {
  await create();
  await it.db.query('create table bare (a int); create table bare_too (a int)');
  const { sql, down } = await it.plan(['bare', 'bare_too'], { replicaIdentity: 'full' });
  await it.db.query('drop table bare, bare_too; create table bare_too (a int); create table bare (a int)');
  const before = await fingerprint(it.db);
  await it.db.query(sql);
  await it.uninstall({ tables: ['bare'] });
  const identity =
    "select relreplident as is from pg_class where relname in ('bare', 'bare_too') order by relname";
  expect((await it.db.query(identity)).rows).toEqual([{ is: 'd' }, { is: 'f' }]);
  await it.uninstall();
  expect(await fingerprint(it.db)).toEqual(before);
  await it.db.query(sql);
  await it.db.query(down);
  expect(await fingerprint(it.db)).toEqual(before);
  await it.db.query('drop table bare, bare_too');
});

test('the way back does not depend on the search path that the plan was made on', async () => {
  await create();
  await it.db.query('create table graded (l int primary key)');
  const names = [...tables, 'graded'];
  const client = await it.db.client();
  await it.install(names, { mode: 'both' });
  if (it.version >= 150_000) {
    await it.db.query('alter publication pgcachewatch set table sales, parts, graded where (l < 5)');
  }
  const before = await fingerprint(it.db);
  await client.query('set search_path = pgcachewatch, public');
  for (const plan of [
    await planInstall(client, { tables: names, mode: 'both', level: 'row', channel: 'another' }),
    await planUninstall(client),
  ]) {
    expect((await client.query('show search_path')).rows).toEqual([{ search_path: 'pgcachewatch, public' }]);
    await it.client.query(plan.sql);
    expect(await fingerprint(it.db)).not.toEqual(before);
    await it.client.query(plan.down);
    expect(await fingerprint(it.db)).toEqual(before);
  }
  await it.uninstall();
  await it.db.query('drop table graded');
});
