import { expect, test } from 'vitest';
import { sql } from '../../src/sql.js';
import { said } from './heard.js';
import { setup } from './setup.js';

const s = setup();

/** Two levels deep, with columns in another order in one of the partitions. */
async function createMeasures(name: string): Promise<void> {
  await s.client.query(`
    create table ${name} (id int, place text, n int, primary key (id, place)) partition by list (place);
    create table ${name}_north (n int, place text not null, id int not null);
    alter table ${name} attach partition ${name}_north for values in ('north');
    create table ${name}_south partition of ${name} for values in ('south') partition by range (id);
    create table ${name}_south_low partition of ${name}_south for values from (0) to (100);
    create table ${name}_south_high partition of ${name}_south for values from (100) to (1000);
  `);
}

test('what is done through the root, a partition or a partition of it, is told of the root', async () => {
  await createMeasures('measures');
  await s.install('measures');
  expect(
    await s.told(
      "insert into measures values (1, 'north', 0), (2, 'south', 0)",
      "insert into measures_north values (0, 'north', 3)",
      "insert into measures_south values (4, 'south', 0)",
      "insert into measures_south_high values (500, 'south', 0)",
      'update measures_north set n = 1 where id = 3',
      'delete from measures_south_low where id = 2',
      'update measures set n = 2 where id = 4',
    ),
  ).toEqual([
    ['insert', 'measures', [[['1', 'north']], [['2', 'south']]]],
    ['insert', 'measures', [[['3', 'north']]]],
    ['insert', 'measures', [[['4', 'south']]]],
    ['insert', 'measures', [[['500', 'south']]]],
    ['update', 'measures', [[['3', 'north']]]],
    ['delete', 'measures', [[['2', 'south']]]],
    ['update', 'measures', [[['4', 'south']]]],
  ]);
});

test('at level row, the images of a partition have its own order of columns', async () => {
  await createMeasures('imaged');
  await s.install('imaged', { level: 'row' });
  await s.client.query(
    "insert into imaged_north values (7, 'north', 1); insert into imaged values (2, 'north', 7)",
  );
  expect(await s.ear.heard()).toMatchObject([
    {
      table: 'imaged',
      columns: ['n', 'place', 'id'],
      rows: [[['1', 'north'], null, null, ['7', 'north', '1']]],
    },
    {
      table: 'imaged',
      columns: ['n', 'place', 'id'],
      rows: [[['2', 'north'], null, null, ['7', 'north', '2']]],
    },
  ]);
});

test('a row that moves to another partition is told with both keys, next to rows that stay', async () => {
  await createMeasures('movers');
  await s.install('movers');
  await s.told("insert into movers values (1, 'north', 0), (2, 'south', 0), (3, 'north', 0)");
  // The server deletes and inserts a row that moves.
  await s.client.query("update movers set place = case id when 1 then 'south' else place end");
  const first = (await s.ear.heard()).map(said);
  expect(first).toHaveLength(4);
  expect(first).toEqual(
    expect.arrayContaining([
      ['delete', 'movers', [[['1', 'north']]]],
      ['insert', 'movers', [[['1', 'south']]]],
      ['update', 'movers', [[['2', 'south']]]],
      ['update', 'movers', [[['3', 'north']]]],
    ]),
  );
  const second = await s.told('update movers_south set id = id + 100');
  const keys = (operation: string) =>
    second
      .flatMap((each) => (Array.isArray(each) && each[0] === operation ? each[2] : []))
      .map(([[id]]) => id)
      .sort();
  expect([keys('delete'), keys('insert')]).toEqual([
    ['1', '2'],
    ['101', '102'],
  ]);
});

test('a row that is discarded on its way to another partition is told as deleted', async () => {
  await createMeasures('lost');
  await s.client.query(`
    create function discard() returns trigger language plpgsql as 'begin return null; end';
    create trigger discard before insert on lost_north for each row execute function discard();
    insert into lost values (1, 'south', 0), (2, 'south', 0)`);
  await s.install('lost');
  expect(await s.told("update lost set place = 'north' where id = 1")).toEqual([
    ['delete', 'lost', [[['1', 'south']]]],
  ]);
});

test.each([
  'table',
  'key',
  'row',
] as const)('at level %s, partitions made or attached later are told of', async (level) => {
  const root = `later_${level}`;
  await s.client.query(`create table ${root} (id int primary key, n int) partition by range (id)`);
  await s.install(root, { level });
  await s.client.query(`
    create table ${root}_1 partition of ${root} for values from (0) to (10) partition by range (id);
    create table ${root}_11 partition of ${root}_1 for values from (0) to (5);
    create table ${root}_2 (n int, id int not null);
    alter table ${root} attach partition ${root}_2 for values from (10) to (20)`);
  const told = [];
  for (const statement of [
    `insert into ${root} values (1, 1), (11, 1)`,
    `update ${root}_11 set n = 2`,
    `delete from ${root}_2`,
    `truncate ${root}`,
  ]) {
    told.push(
      (await s.told(statement)).map((each) =>
        Array.isArray(each) ? [each[0], each[1], each[2]?.[0]?.[0]] : each,
      ),
    );
  }
  const key = (id: string) => (level === 'table' ? undefined : [id]);
  expect(told).toEqual([
    [['insert', root, key('1')]],
    [['update', root, key('1')]],
    [['delete', root, key('11')]],
    [['truncate', root, undefined]],
  ]);
});

test('a table with triggers of its own can be attached to one that has them, and detached', async () => {
  await s.client.query(`
    create table whole (id int primary key, n int) partition by range (id);
    create table single (id int primary key, n int);
    create table nested (id int primary key, n int) partition by range (id);
    create table nested_1 partition of nested for values from (20) to (25)`);
  await s.install('whole');
  await s.install(['single', 'nested']);
  await s.client.query(`
    alter table whole attach partition single for values from (10) to (20);
    alter table whole attach partition nested for values from (20) to (30)`);
  expect(
    new Set((await s.told('insert into whole values (11, 1), (21, 1)')).map((each) => JSON.stringify(each))),
  ).toEqual(new Set(['["insert","whole",[[["11"]],[["11"]],[["21"]],[["21"]]]]']));
  await s.install('whole');
  expect(await s.told('insert into whole values (12, 1), (22, 1)')).toEqual([
    ['insert', 'whole', [[['12']], [['22']]]],
  ]);
  await s.client.query('alter table whole detach partition single');
  expect(await s.told('insert into single values (13, 1)')).toEqual([]);
});

test('truncating a partition or the root is told of the root', async () => {
  await createMeasures('emptied');
  await s.install('emptied');
  const one = await s.told('truncate emptied_south_low');
  expect(one).toEqual([['truncate', 'emptied']]);
  const all = await s.told('truncate emptied');
  expect(new Set(all.map((each) => JSON.stringify(each)))).toEqual(new Set(['["truncate","emptied"]']));
});

test('a renamed root is told by its new name, whichever partition was written to', async () => {
  await createMeasures('before');
  await s.install('before');
  await s.client.query(
    'create schema archive; alter table before rename to "After"; alter table "After" set schema archive',
  );
  await s.client.query("insert into before_south_low values (1, 'south', 0)");
  expect(await s.ear.heard()).toMatchObject([
    { schema: 'archive', table: 'After', rows: [[['1', 'south']]] },
  ]);
});

test('children by inheritance are told of as the root, as a whole', async () => {
  await s.client.query(`
    create table parent (id int primary key);
    create table child (extra int) inherits (parent);
    create table grandchild (primary key (id)) inherits (child)`);
  await s.install('child', { level: 'row' });
  expect(
    await s.told(
      'insert into parent values (1)',
      'insert into child values (1, 2)',
      'insert into grandchild values (1, 3)',
      'update parent set id = id + 1',
      'delete from child where false',
    ),
  ).toEqual([
    ['insert', 'parent'],
    ['insert', 'parent'],
    ['insert', 'parent'],
    ['update', 'parent'],
    // A trigger of statements cannot know whether one has touched a row of a child.
    ['delete', 'parent'],
  ]);
});

test('the catalog says which partitions have no trigger of TRUNCATE, and takes no foreign one for watched', async () => {
  await s.client.query(`create table listed (id int primary key) partition by range (id);
    create table listed_1 partition of listed for values from (0) to (10)`);
  await s.install('listed');
  const reading = async () => {
    const { rows } = await s.client.query(sql('notify/watched-tables.sql'), ['ch_pgcachewatch_table_change']);
    const oid = (await s.client.query("select 'listed'::regclass::oid::text as oid")).rows[0].oid;
    return rows.find((row) => row.oid === oid);
  };
  expect(await reading()).toMatchObject({ complete: true, key: ['id'], untruncated: [] });
  await s.client.query('create table listed_2 partition of listed for values from (10) to (20)');
  const { rows } = await s.client.query("select 'listed_2'::regclass::oid::text as oid");
  expect(await reading()).toMatchObject({ complete: true, key: ['id'], untruncated: [rows[0].oid] });
  await s.client.query('alter table listed_2 disable trigger all');
  expect(await reading()).toMatchObject({ complete: false });
  await s.client.query('alter table listed_2 enable trigger all');
  expect(await reading()).toMatchObject({ complete: true });
  await s.client.query(`create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;
    create table keyless (id int) partition by range (id)`);
  await s.install('keyless');
  await s.client.query(
    'create foreign table keyless_1 partition of keyless for values from (0) to (9) server nowhere',
  );
  const all = (await s.client.query(sql('notify/watched-tables.sql'), ['ch_pgcachewatch_table_change'])).rows;
  const keyless = (await s.client.query("select 'keyless'::regclass::oid::text as oid")).rows[0].oid;
  expect(all.find((row) => row.oid === keyless)).toMatchObject({ complete: false });
});
