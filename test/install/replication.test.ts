import { escapeIdentifier } from 'pg';
import { expect, test } from 'vitest';
import { commitPlan, planInstall, planUninstall } from '../../src/install/index.js';
import { setup } from './replication-setup.js';

const it = setup();

test('installing twice does nothing the second time; uninstalling leaves the database as it was', async () => {
  await it.db.query(`create table goods (id int primary key, name text);
    create schema "Odd ""Schema"; create table "Odd ""Schema"."select" ("Id $$ 'x'" int primary key, a text);
    create table parts (id int primary key, a text) partition by range (id);
    create table parts_low partition of parts for values from (0) to (10);
    create table mother (id int primary key, a text);
    create table child (primary key (id)) inherits (mother)`);
  const names = ['goods', '"Odd ""Schema"."select"', 'parts', 'mother'];
  const before = await it.catalog();
  await it.install(names);
  expect(await it.published()).toEqual(['"Odd ""Schema"."select"', 'child', 'goods', 'mother', 'parts']);
  const installed = await it.catalog();
  const again = await it.install(names);
  expect(again.statements).toEqual([]);
  expect(again.findings.join()).toContain('publication pgcachewatch: exists, has public.goods, ');
  expect(again.findings.join()).toContain(' in just this way; nothing to change');
  expect(await it.catalog()).toEqual(installed);
  await it.expectWritable('goods', "(1, 'a')");
  await it.expectWritable('"Odd ""Schema"."select"', "(1, 'a')");
  await it.expectWritable('parts', "(1, 'a')");
  await it.expectWritable('parts_low', "(1, 'a')");
  await it.expectWritable('mother', "(1, 'a')");
  await it.expectWritable('child', "(1, 'a')");
  await it.uninstall();
  expect(await it.catalog()).toEqual(before);
  expect((await it.uninstall()).notes).toEqual(['There is nothing of pgcachewatch to remove.']);
});

test('making a plan changes nothing, and its script does what committing it does', async () => {
  await it.db.query('create table scripted (id int primary key); create table unkeyed (a int)');
  const before = await it.catalog();
  const made = await it.plan(['scripted', 'unkeyed'], { mode: 'both', replicaIdentity: 'full' });
  expect(await it.catalog()).toEqual(before);
  await it.db.query(made.sql);
  const again = await it.plan(['scripted', 'unkeyed'], { mode: 'both', replicaIdentity: 'full' });
  expect(again.statements).toEqual([]);
  await it.db.query((await planUninstall(it.client)).sql);
  expect(await it.catalog()).toEqual(before);
});

test('the publication is of the named tables, of every kind of change, by the names of the partitions', async () => {
  await it.db.query('create table named (id int primary key); create table unnamed (id int primary key)');
  await it.install(['named']);
  const { rows } = await it.db.query(`select puballtables, pubviaroot, pubinsert and pubupdate and pubdelete
    and pubtruncate as all_kinds from pg_publication`);
  expect(rows).toEqual([{ puballtables: false, pubviaroot: false, all_kinds: true }]);
  expect(await it.published()).toEqual(['named']);
  const more = await it.install(['unnamed', 'named']);
  expect(more.steps.map(({ purpose }) => purpose)).toEqual([
    'publish public.unnamed',
    'check that UPDATE and DELETE on public.unnamed are allowed',
  ]);
  await it.uninstall();
});

test('a publication of another name is made, extended and removed like the default one', async () => {
  await it.db.query('create table apart (id int primary key)');
  const before = await it.catalog();
  const publication = 'Odd "Name\n; --';
  await it.install(['apart'], { publication });
  expect(await it.published(publication)).toEqual(['apart']);
  expect((await it.plan(['apart'], { publication })).statements).toEqual([]);
  expect((await it.uninstall({ publication: 'other' })).notes).toContain('There is no publication other.');
  expect((await it.uninstall({ publication })).steps).toHaveLength(1);
  await it.install(['apart'], { publication });
  await it.uninstall();
  expect(await it.catalog()).toEqual(before);
});

test('a publication of ours that was altered is put right', async () => {
  await it.db.query('create table kept (id int primary key, a text)');
  await it.install(['kept']);
  const installed = await it.catalog();
  const alterations = [`set (publish = 'insert', publish_via_partition_root = true)`];
  if (it.version >= 150_000) alterations.push('set table kept (id)', 'set table kept where (id > 5)');
  for (const alteration of alterations) {
    await it.db.query(`alter publication pgcachewatch ${alteration}`);
    await it.install(['kept']);
    expect(await it.catalog(), alteration).toEqual(installed);
  }
  await it.uninstall();
});

test('a publication of ours that was made one of all tables is refused, and the remedy is one', async () => {
  await it.db.query('create table wanted (id int primary key)');
  await it.install(['wanted']);
  await it.db.query(`drop publication pgcachewatch; create publication pgcachewatch for all tables;
    comment on publication pgcachewatch is 'Announces committed changes to caches (npm package pgcachewatch)'`);
  const error = await it.plan(['wanted']).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'WOULD_BREAK_WRITERS', remedy: expect.stringContaining('DROP') });
  await it.db.query(sqlOf(error, /DROP PUBLICATION [^;]+;/));
  await it.install(['wanted']);
  if (it.version >= 150_000) {
    await it.db.query('alter publication pgcachewatch add tables in schema public');
    const inSchema = await it.plan(['wanted']).catch((thrown: unknown) => thrown);
    expect(inSchema).toMatchObject({ code: 'WOULD_BREAK_WRITERS' });
    await it.db.query(sqlOf(inSchema, /ALTER PUBLICATION [^;]+;/));
    expect((await it.plan(['wanted'])).statements).toEqual([]);
  }
  await it.uninstall();
});

test("somebody else's publication serves as it is, or is refused, and is never altered", async () => {
  await it.db.query(`create table theirs (id int primary key); create table ours (id int primary key);
    create publication pgcachewatch for table theirs`);
  const before = await it.catalog();
  const enough = await it.install(['theirs']);
  expect(enough.statements).toEqual([]);
  expect(enough.findings.join()).toContain('is not of pgcachewatch');
  const error = await it.plan(['theirs', 'ours']).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'PUBLICATION_FOREIGN',
    message: expect.stringMatching(/does not tell all of public\.ours$/),
    remedy: expect.stringContaining('--publication'),
  });
  expect((await it.uninstall()).notes).toContain(
    'The publication pgcachewatch stays: it is not of pgcachewatch.',
  );
  expect(await it.catalog()).toEqual(before);
  // Both ways that the remedy names.
  await it.install(['theirs', 'ours'], { publication: 'another' });
  await it.uninstall({ publication: 'another' });
  expect(await it.catalog()).toEqual(before);
  await it.db.query(sqlOf(error, /COMMENT ON [^;]+;/));
  await it.install(['theirs', 'ours']);
  expect(await it.published()).toEqual(['ours', 'theirs']);
  await it.uninstall();
});

test.each([
  ['no TRUNCATE', `with (publish = 'insert, update, delete')`],
  ['the root instead of the partitions', 'with (publish_via_partition_root = true)'],
])("somebody else's publication that tells %s does not tell all", async (_, options) => {
  await it.db.query(`create table if not exists half (id int primary key) partition by range (id);
    create table if not exists half_low partition of half for values from (0) to (10);
    create publication elsewhere for table half ${options}`);
  await expect(it.plan(['half'], { publication: 'elsewhere' })).rejects.toMatchObject({
    code: 'PUBLICATION_FOREIGN',
  });
  await it.db.query('drop publication elsewhere');
});

test('an owner of nothing but a table is told what is missing, and installs where it is granted', async () => {
  const role = escapeIdentifier(`publisher_${it.db.name}`);
  const client = await it.db.client();
  await it.db.query(`create role ${role} nosuperuser; create table own_table (id int primary key);
    create table other_table (id int primary key); alter table own_table owner to ${role}`);
  try {
    await client.query(`set role ${role}`);
    const install = async (tables: string[]) =>
      commitPlan(client, await planInstall(client, { tables, mode: 'replication' }));
    const error = await install(['own_table']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SERVER', sqlState: '42501' });
    await it.db.query(sqlOf(error, /GRANT [^;.]+/));
    await expect(install(['own_table', 'other_table'])).rejects.toMatchObject({
      message: expect.stringContaining('publish public.other_table'),
      remedy: expect.stringContaining('owns public.other_table'),
    });
    expect(await it.published()).toEqual([]);
    await install(['own_table']);
    await client.query('reset role');
    await it.uninstall();
    await it.install(['other_table']);
    await client.query(`set role ${role}`);
    await expect(install(['own_table'])).rejects.toMatchObject({
      sqlState: '42501',
      remedy: expect.stringContaining('owns the publication pgcachewatch'),
    });
  } finally {
    await client.query('reset role');
    await it.uninstall();
    await it.db.query(`drop owned by ${role}; drop role ${role}`);
  }
});

test('of two installations at once, the slower one is told to run again, and then does nothing', async () => {
  await it.db.query('create table contended (id int primary key)');
  const clients = await Promise.all([it.db.client(), it.db.client()]);
  const plans = await Promise.all(
    clients.map((client) => planInstall(client, { tables: ['contended'], mode: 'replication' })),
  );
  const results = await Promise.allSettled(
    plans.map((made, i) => commitPlan(clients[i] ?? expect.fail(), made)),
  );
  const failed = results.filter((result) => result.status === 'rejected');
  expect(failed.map(({ reason }) => reason)).toEqual([
    expect.objectContaining({ code: 'SERVER', remedy: expect.stringContaining('run it again') }),
  ]);
  expect((await it.plan(['contended'])).statements).toEqual([]);
  await it.uninstall();
});

test('both modes are installed in one transaction, and each is removed by itself', async () => {
  await it.db.query('create table twofold (id int primary key)');
  const before = await it.catalog();
  const made = await it.install(['twofold'], { mode: 'both' });
  expect(made.sql.match(/^do \$/gm)).toHaveLength(1);
  expect((await it.plan(['twofold'], { mode: 'both' })).statements).toEqual([]);
  await it.uninstall({ mode: 'replication' });
  expect(await it.published()).toEqual([]);
  expect((await it.plan(['twofold'], { mode: 'notify' })).statements).toEqual([]);
  await it.install(['twofold']);
  await it.uninstall({ mode: 'notify' });
  expect(await it.published()).toEqual(['twofold']);
  await it.uninstall({ tables: ['twofold'] });
  expect(await it.catalog()).toEqual(before);
});

test('an option that means nothing in the mode is refused', async () => {
  for (const [mode, options] of [
    ['notify', { publication: 'p' }],
    ['notify', { columns: 'key' }],
    ['notify', { replicaIdentity: 'full' }],
    ['replication', { level: 'key' }],
    ['replication', { channel: 'c' }],
  ] as const) {
    await expect(it.plan(['t'], { mode, ...options })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: `${Object.keys(options)} means nothing in mode ${mode}`,
    });
  }
  await expect(it.plan(['t'], { publication: 'é'.repeat(32) })).rejects.toMatchObject({ code: 'BAD_OPTION' });
});

function sqlOf(error: unknown, pattern: RegExp): string {
  const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : '';
  return pattern.exec(remedy)?.[0] ?? expect.fail(`no ${pattern} in ${remedy}`);
}
