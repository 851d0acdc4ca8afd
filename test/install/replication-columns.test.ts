import { expect, test } from 'vitest';
import { setup } from './replication-setup.js';

const it = setup();

test('only the key is published, of partitions, too, and of a table known by an index', async (context) => {
  if (it.version < 150_000) return context.skip();
  await it.db.query(`create table goods (id int primary key, secret text);
    create table tree (id int, region text, secret text, primary key (region, id)) partition by list (region);
    create table tree_eu partition of tree for values in ('eu') partition by range (id);
    create table tree_eu_low partition of tree_eu for values from (0) to (10);
    create table own (id int primary key, code text not null) partition by range (id);
    create table own_low partition of own for values from (0) to (10);
    create unique index own_low_code on own_low (code); alter table own_low replica identity using index own_low_code;
    create table indexed (id int primary key, "Code" text not null unique, secret text);
    alter table indexed replica identity using index "indexed_Code_key";
    create table logged (id int, secret text); alter table logged replica identity full`);
  const before = await it.catalog();
  const names = ['goods', 'tree', 'own', 'indexed', 'logged'];
  const made = await it.install(names, { columns: 'key' });
  expect(await it.published()).toEqual([
    'goods(id)',
    'indexed(Code)',
    'logged',
    'own',
    // The key that rows are told by, and the one that the server looks them up by.
    'own_low(id,code)',
    'tree',
    'tree_eu_low(id,region)',
  ]);
  expect((await it.plan(names, { columns: 'key' })).statements).toEqual([]);
  expect(made.warnings.join('\n')).toContain('public.goods is published by some columns');
  expect(made.warnings.join('\n')).toContain('public.logged has REPLICA IDENTITY FULL');
  const slot = `columns_of_${it.db.name}`;
  await it.db.query('select pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
  await it.db.query(`insert into goods values (1, 'SECRET'); insert into indexed values (1, 'c', 'SECRET');
    insert into tree values (1, 'eu', 'SECRET'); update tree set secret = 'SECRET2'; delete from tree;
    create table tree_us partition of tree for values in ('us'); insert into tree values (1, 'us', 'OPEN')`);
  const { rows } = await it.db.query(
    `select string_agg(encode(data, 'escape'), '') as sent from pg_logical_slot_get_binary_changes(
      $1, null, null, 'proto_version', '1', 'publication_names', 'pgcachewatch')`,
    [slot],
  );
  await it.db.query('select pg_drop_replication_slot($1)', [slot]);
  expect(rows[0].sent).not.toContain('SECRET');
  // A partition of later is told in full, which is better than not at all.
  expect(rows[0].sent).toContain('OPEN');
  for (const table of ['goods', 'logged']) await it.expectWritable(table, "(2, 'a')");
  await it.expectWritable('tree', "(3, 'eu', 'a')");
  await it.expectWritable('own', "(3, 'c')");
  await it.expectWritable('indexed', "(3, 'd', 'a')");
  await it.db.query('drop table tree_us');
  await it.uninstall();
  expect(await it.catalog()).toEqual(before);
});

test("a table's columns are changed, and those of the others are left", async (context) => {
  if (it.version < 150_000) return context.skip();
  await it.db.query(`create table stays (id int primary key, a text); create table turns (id int primary key, a text);
    create table splits (id int primary key, a text) partition by range (id);
    create table splits_low partition of splits for values from (0) to (10)`);
  await it.install(['stays', 'turns', 'splits'], { columns: 'key' });
  await it.install(['turns', 'splits']);
  expect(await it.published()).toEqual(['splits', 'stays(id)', 'turns']);
  await it.install(['turns', 'splits'], { columns: 'key' });
  expect(await it.published()).toEqual(['splits', 'splits_low(id)', 'stays(id)', 'turns(id)']);
  await it.db.query('begin; alter table turns drop constraint turns_pkey, add primary key (id, a)');
  await it.db.query('commit');
  await it.install(['turns'], { columns: 'key' });
  await it.expectWritable('turns', "(1, 'a')");
  expect(await it.published()).toContain('turns(id,a)');
  await it.uninstall();
});

test('where the server cannot publish some columns only, it is said', async (context) => {
  if (it.version >= 150_000) return context.skip();
  await it.db.query('create table goods (id int primary key)');
  await expect(it.plan(['goods'], { columns: 'key' })).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringContaining('PostgreSQL 14'),
    remedy: expect.stringContaining('without --columns key'),
  });
});
