import { expect, test } from 'vitest';
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
      columns: ['id', 'place', 'n'],
      rows: [[['2', 'north'], null, null, ['2', 'north', '7']]],
    },
  ]);
});

test('a row that moves to another partition is told with both keys, next to rows that stay', async () => {
  await createMeasures('movers');
  await s.install('movers');
  await s.told("insert into movers values (1, 'north', 0), (2, 'south', 0), (3, 'north', 0)");
  expect(
    await s.told(
      "update movers set place = case id when 1 then 'south' else place end",
      'update movers_south set id = id + 100',
    ),
  ).toEqual([
    [
      'update',
      'movers',
      expect.toSatisfy((rows: string[][][]) => {
        const sorted = rows.map((row) => JSON.stringify(row)).sort();
        return (
          JSON.stringify(sorted) ===
          JSON.stringify(['[["1","south"],["1","north"]]', '[["2","south"]]', '[["3","north"]]'])
        );
      }),
    ],
    [
      'update',
      'movers',
      expect.toSatisfy((rows: string[][][]) =>
        rows.every(([key, previous]) => Number(key?.[0]) === Number(previous?.[0]) + 100),
      ),
    ],
  ]);
});

test('a row that is discarded on its way to another partition makes it the whole table', async () => {
  await createMeasures('lost');
  await s.client.query(`
    create function discard() returns trigger language plpgsql as 'begin return null; end';
    create trigger discard before insert on lost_north for each row execute function discard();
    insert into lost values (1, 'south', 0), (2, 'south', 0)`);
  await s.install('lost');
  expect(
    await s.told("update lost set place = 'north' where id = 1", "update lost set place = 'north', n = 1"),
  ).toEqual([
    ['update', 'lost'],
    ['update', 'lost'],
  ]);
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

test('a detached partition speaks for itself', async () => {
  await createMeasures('parted');
  await s.install('parted');
  await s.client.query('alter table parted detach partition parted_north');
  expect(await s.told("insert into parted_north values (0, 'north', 1)")).toEqual([
    ['insert', 'parted_north', [[['1', 'north']]]],
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
  ]);
});
