import { expect, test } from 'vitest';
import { setup } from './setup.js';

const s = setup();

test('one row is told alike whether its key is the first column or another', async () => {
  const tables = {
    first_key: 'id text primary key, a int, n int',
    second_key: 'a int, id text primary key, n int',
  };
  for (const [table, columns] of Object.entries(tables)) {
    await s.client.query(`create table ${table} (${columns})`);
    await s.install(table);
    expect(
      await s.told(
        `insert into ${table} (id, n) values ('a"b', 1)`,
        `update ${table} set n = 2`,
        `update ${table} set id = 'c'`,
        `update ${table} set n = 3 where false`,
        `insert into ${table} (id) values ('d'), ('e')`,
        `update ${table} set id = id || '!' where id > 'c'`,
        `delete from ${table} where id = 'c'`,
        `delete from ${table}`,
      ),
    ).toEqual([
      ['insert', table, [[['a"b']]]],
      ['update', table, [[['a"b']]]],
      ['update', table, [[['c'], ['a"b']]]],
      ['insert', table, [[['d']], [['e']]]],
      [
        'update',
        table,
        [
          [['d!'], ['d']],
          [['e!'], ['e']],
        ],
      ],
      ['delete', table, [[['c']]]],
      ['delete', table, [[['d!']], [['e!']]]],
    ]);
  }
});

test('a first column that has taken the place or the name of the key is not told as the key', async () => {
  await s.client.query(`
    create table dropped (id int primary key, other int);
    create table renamed (id int primary key, other int);
    create table dropped_before (gone int, id int primary key, other int)`);
  await s.client.query('alter table dropped_before drop column gone');
  await s.install(['dropped', 'renamed', 'dropped_before']);
  const client = await s.db.client();
  // The writer's session has run the triggers before.
  for (const table of ['dropped', 'renamed', 'dropped_before']) {
    await client.query(`insert into ${table} (id, other) values (1, 10)`);
  }
  await s.ear.texts();
  await client.query(`
    alter table dropped drop column id; alter table dropped add column id int;
    alter table renamed rename column id to id_old; alter table renamed add column id int default 7`);
  await client.query('insert into dropped (id, other) values (2, 20)');
  await client.query('insert into renamed (id_old, other) values (2, 20)');
  await client.query('insert into dropped_before (id, other) values (2, 20)');
  const heard = await s.ear.heard();
  expect(heard.map(({ table, key, rows }) => [table, key, rows])).toEqual([
    ['dropped', ['id'], [[['2']]]],
    ['renamed', ['id'], [[['7']]]],
    ['dropped_before', ['id'], [[['2']]]],
  ]);
});

test('a column whose name looks like a list of the key’s columns is not the key', async () => {
  await s.client.query('create table listed ("a,b" int, a int, b int, primary key (a, b))');
  await s.install('listed');
  expect(await s.told('insert into listed values (1, 2, 3)')).toEqual([['insert', 'listed', [[['2', '3']]]]]);
});

test('a first column may be of any type, and have any name, next to columns of any name', async () => {
  await s.client.query(
    `create table timed ("at, ""the"" time" timestamptz primary key, a int, key int, level text)`,
  );
  await s.install('timed');
  const client = await s.db.client();
  await client.query("set timezone = 'Asia/Tokyo'; set datestyle = 'German, DMY'");
  await client.query("insert into public.timed values (timestamptz '2025-02-01 12:00+00')");
  expect(await s.ear.heard()).toMatchObject([
    { key: ['at, "the" time'], rows: [[['2025-02-01 12:00:00+00']]] },
  ]);
});

test('a first column that has lost its primary key, and is null or too long, is the whole table', async () => {
  await s.client.query('create table loose (id text primary key, n int)');
  await s.install('loose');
  await s.client.query(
    'alter table loose drop constraint loose_pkey; alter table loose alter id drop not null',
  );
  expect(
    await s.told(
      'insert into loose values (null, 1)',
      "update loose set id = 'x'",
      'update loose set id = null',
      "insert into loose values (repeat('y', 10000), 2)",
      'delete from loose',
    ),
  ).toEqual([
    ['insert', 'loose'],
    ['update', 'loose'],
    ['update', 'loose'],
    ['insert', 'loose'],
    ['delete', 'loose'],
  ]);
});

test('a partition whose first column is another than its root’s tells the same key', async () => {
  await s.client.query(`
    create table split (id int primary key, n int) partition by range (id);
    create table split_low (n int, id int not null);
    alter table split attach partition split_low for values from (0) to (10);
    create table split_high partition of split for values from (10) to (20)`);
  await s.install('split');
  expect(
    await s.told(
      'insert into split values (1, 100)',
      'insert into split_low values (100, 2)',
      'insert into split_high values (11, 100)',
      'update split set id = 12 where id = 1',
    ),
  ).toEqual([
    ['insert', 'split', [[['1']]]],
    ['insert', 'split', [[['2']]]],
    ['insert', 'split', [[['11']]]],
    ['delete', 'split', [[['1']]]],
    ['insert', 'split', [[['12']]]],
  ]);
});
