import { expect, test } from 'vitest';
import { listen } from './heard.js';
import { setup } from './setup.js';

const s = setup();

test('a payload is PGCacheWatch’s own with more behind it, in this order', async () => {
  await s.client.query('create table orders (id int primary key, n int)');
  await s.install('orders');
  const started = Date.now();
  await s.client.query('insert into orders values (1, 1)');
  const [text = ''] = await s.ear.texts();
  const payload: Record<string, unknown> = JSON.parse(text);
  expect(Object.keys(payload)).toEqual([
    ...['operation', 'table', 'sent_at', 'schema', 'oid', 'xid'],
    ...['key', 'rows'],
  ]);
  expect(payload).toMatchObject({
    operation: 'insert',
    table: 'orders',
    schema: 'public',
    key: ['id'],
    rows: [[['1']]],
  });
  expect(payload.sent_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
  expect(Math.abs(Date.parse(String(payload.sent_at)) - started)).toBeLessThan(60_000);
  const { rows } = await s.client.query("select xmin::text, 'orders'::regclass::oid as oid from orders");
  expect(payload.xid).toBe(Number(rows[0].xmin));
  expect(payload.oid).toBe(rows[0].oid);
});

test('sent_at is the time of the statement and not of its transaction', async () => {
  await s.client.query('create table times (id int primary key)');
  await s.install('times');
  await s.client.query(
    'begin; insert into times values (1); select pg_sleep(0.05); insert into times values (2); commit',
  );
  const [first, second] = await s.ear.heard();
  expect(Date.parse(second?.sent_at ?? '') - Date.parse(first?.sent_at ?? '')).toBeGreaterThanOrEqual(49);
  expect(first?.xid).toBe(second?.xid);
});

test('keys are texts, so a bigint and a uuid survive', async () => {
  await s.client.query('create table big (id bigint primary key); create table ids (id uuid primary key)');
  await s.install(['big', 'ids']);
  expect(
    await s.told(
      'insert into big values (9223372036854775807)',
      "insert into ids values ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')",
    ),
  ).toEqual([
    ['insert', 'big', [[['9223372036854775807']]]],
    ['insert', 'ids', [[['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']]]],
  ]);
});

test('a composite key is told in the order of the key, not of the table', async () => {
  await s.client.query('create table pairs (a int, b text, c int, primary key (b, a) include (c))');
  await s.install('pairs');
  await s.client.query("insert into pairs values (1, 'x', 2)");
  expect(await s.ear.heard()).toMatchObject([{ key: ['b', 'a'], rows: [[['x', '1']]] }]);
});

test('an update that alters the key tells both; a swap too; one that does not, tells it once', async () => {
  await s.client.query('create table moved (id int primary key deferrable, n int)');
  await s.client.query('insert into moved values (1, 0), (2, 0), (3, 0)');
  await s.install('moved');
  expect(
    await s.told(
      'update moved set id = 9 where id = 3',
      'update moved set id = 3 - id where id < 3',
      'update moved set id = id, n = 1 where id = 9',
      'delete from moved where id = 9',
    ),
  ).toEqual([
    ['update', 'moved', [[['9'], ['3']]]],
    [
      'update',
      'moved',
      [
        [['2'], ['1']],
        [['1'], ['2']],
      ],
    ],
    ['update', 'moved', [[['9']]]],
    ['delete', 'moved', [[['9']]]],
  ]);
});

test('each of many rows of a statement is told once', async () => {
  await s.client.query('create table many (id int primary key, n int)');
  await s.install('many');
  const ids = Array.from({ length: 300 }, (_, i) => [[String(i + 1)]]);
  expect(await s.told('insert into many select g, 0 from generate_series(1, 300) as g')).toEqual([
    ['insert', 'many', ids],
  ]);
  expect(await s.told('update many set n = 1')).toEqual([['update', 'many', ids]]);
});

test('a statement that touches no row says nothing, and takes no transaction id', async () => {
  await s.client.query('create table quiet (id int primary key); create table silent (id int)');
  await s.install('quiet');
  await s.install('silent', { level: 'table' });
  for (const table of ['quiet', 'silent']) {
    await s.client.query('begin');
    await s.client.query(`update ${table} set id = 1 where false`);
    await s.client.query(`delete from ${table}`);
    await s.client.query(`insert into ${table} select 1 where false`);
    const { rows } = await s.client.query('select pg_current_xact_id_if_assigned() as xid');
    expect(rows).toEqual([{ xid: null }]);
    await s.client.query('commit');
  }
  expect(await s.ear.texts()).toEqual([]);
});

test('truncate is a change of the whole table, with or without rows in it', async () => {
  await s.client.query('create table emptied (id int primary key)');
  await s.install('emptied', { level: 'row' });
  expect(await s.told('truncate emptied')).toEqual([['truncate', 'emptied']]);
});

test('a table without a primary key changes as a whole', async () => {
  await s.client.query('create table keyless (n int)');
  await s.install('keyless');
  await s.client.query('insert into keyless values (1); update keyless set n = 2; delete from keyless');
  const heard = await s.ear.heard();
  expect(heard.map(({ operation }) => operation)).toEqual(['insert', 'update', 'delete']);
  for (const each of heard)
    expect(Object.keys(each)).toEqual(['operation', 'table', 'sent_at', 'schema', 'oid', 'xid']);
});

test('the index of REPLICA IDENTITY goes before the primary key', async () => {
  await s.client.query('create table identified (id int primary key, code text not null unique)');
  await s.client.query('alter table identified replica identity using index identified_code_key');
  await s.install('identified');
  await s.client.query("insert into identified values (1, 'x')");
  expect(await s.ear.heard()).toMatchObject([{ key: ['code'], rows: [[['x']]] }]);
});

test('at level table, neither key nor rows are told', async () => {
  await s.client.query('create table coarse (id int primary key)');
  await s.install('coarse', { level: 'table' });
  expect(await s.told('insert into coarse values (1), (2)')).toEqual([['insert', 'coarse']]);
});

test('at level row, the rows before and after are told, columns in their order', async () => {
  await s.client.query('create table images (id int primary key, gone int, b bool, t text)');
  await s.client.query('alter table images drop column gone');
  await s.install('images', { level: 'row' });
  await s.client.query(
    "insert into images values (1, true, 'x'); update images set id = 2, t = null; delete from images",
  );
  const heard = await s.ear.heard();
  expect(heard.map(({ rows }) => rows)).toEqual([
    [[['1'], null, null, ['1', 't', 'x']]],
    [[['2'], ['1'], ['1', 't', 'x'], ['2', 't', null]]],
    [[['2'], null, ['2', 't', null], null]],
  ]);
  for (const { columns } of heard) expect(columns).toEqual(['id', 'b', 't']);
});

test('at level row, a table without a key has images and no key', async () => {
  await s.client.query('create table imaged (n int)');
  await s.install('imaged', { level: 'row' });
  await s.client.query('insert into imaged values (1)');
  expect(await s.ear.heard()).toMatchObject([{ key: [], columns: ['n'], rows: [[null, null, null, ['1']]] }]);
});

test('statements of every kind are told: ON CONFLICT, COPY, a CTE that writes, a cascade', async () => {
  await s.client.query('create table kinds (id int primary key, n int)');
  await s.client.query(
    'create table children (id int primary key, parent int references kinds on delete cascade on update cascade)',
  );
  await s.install(['kinds', 'children']);
  expect(
    await s.told(
      'insert into kinds values (1, 1), (2, 2)',
      'insert into kinds values (1, 5), (3, 3) on conflict (id) do update set n = excluded.n',
      'insert into kinds values (1, 5) on conflict do nothing',
      "copy kinds from program 'echo 7,7' with (format csv)",
    ),
  ).toEqual([
    ['insert', 'kinds', [[['1']], [['2']]]],
    ['update', 'kinds', [[['1']]]],
    ['insert', 'kinds', [[['3']]]],
    ['insert', 'kinds', [[['7']]]],
  ]);
  await s.told('insert into children values (10, 1), (11, 1), (20, 2)');
  const cascade = await s.told(
    'update kinds set id = id + 100 where id < 3',
    'delete from kinds where id = 101',
  );
  expect(cascade).toContainEqual([
    'update',
    'kinds',
    [
      [['101'], ['1']],
      [['102'], ['2']],
    ],
  ]);
  const updated = cascade.flatMap((each) =>
    Array.isArray(each) && each[0] === 'update' && each[1] === 'children' ? each[2] : [],
  );
  expect(updated).toEqual([[['10']], [['11']], [['20']]]);
  expect(cascade).toContainEqual(['delete', 'children', [[['10']], [['11']]]]);
  expect(
    await s.told(
      'with gone as (delete from kinds returning id) insert into kinds select id + 1000, 0 from gone',
    ),
  ).toEqual(
    expect.arrayContaining([
      ['delete', 'kinds', expect.anything()],
      ['insert', 'kinds', expect.anything()],
    ]),
  );
});

test('MERGE tells what it inserted, updated and deleted', async (context) => {
  const { rows } = await s.client.query("select current_setting('server_version_num')::int as version");
  if (rows[0].version < 150_000) context.skip();
  await s.client.query('create table merged (id int primary key, n int)');
  await s.client.query('insert into merged values (1, 0), (2, 0)');
  await s.install('merged');
  const told = await s.told(
    `merge into merged using (values (1), (2), (3)) as v (id) on merged.id = v.id
     when matched and v.id = 1 then delete
     when matched then update set n = 1
     when not matched then insert values (v.id, 0)`,
  );
  expect(told).toHaveLength(3);
  expect(told).toEqual(
    expect.arrayContaining([
      ['insert', 'merged', [[['3']]]],
      ['update', 'merged', [[['2']]]],
      ['delete', 'merged', [[['1']]]],
    ]),
  );
});

test('what a savepoint took back is not told; what is released is, in order', async () => {
  await s.client.query('create table saved (id int primary key)');
  await s.install('saved');
  expect(
    await s.told(
      'begin',
      'insert into saved values (1)',
      'savepoint a',
      'insert into saved values (2)',
      'rollback to a',
      'savepoint b',
      'insert into saved values (3)',
      'release b',
      'commit',
      'begin',
      'insert into saved values (4)',
      'rollback',
    ),
  ).toEqual([['insert', 'saved', [[['1']], [['3']]]]]);
});

test('a renamed table, or a moved one, is told by its new name', async () => {
  await s.client.query('create schema elsewhere; create table old_name (id int primary key)');
  await s.install('old_name');
  await s.client.query('alter table old_name rename to new_name; alter table new_name set schema elsewhere');
  await s.client.query('insert into elsewhere.new_name values (1)');
  expect(await s.ear.heard()).toMatchObject([{ schema: 'elsewhere', table: 'new_name', rows: [[['1']]] }]);
});

test('a key column that is renamed or dropped makes it the whole table, and no error', async () => {
  await s.client.query('create table altered (id int primary key, n int)');
  await s.client.query('create table cut (id int primary key, n int)');
  await s.install(['altered', 'cut']);
  await s.client.query('alter table altered rename column id to number; alter table cut drop column id');
  expect(
    await s.told('insert into altered values (1, 1)', 'insert into cut values (1)', 'update cut set n = 2'),
  ).toEqual([
    ['insert', 'altered'],
    ['insert', 'cut'],
    ['update', 'cut'],
  ]);
});

test('a dropped key column is not taken for a function of the same name', async () => {
  await s.client.query('create table cast_away (to_json int primary key, new_rows int)');
  await s.install('cast_away');
  await s.client.query('alter table cast_away drop column to_json');
  expect(await s.told('insert into cast_away values (1)')).toEqual([['insert', 'cast_away']]);
});

test('a key that has become nullable is the whole table where it is null', async () => {
  await s.client.query('create table lax (id int primary key)');
  await s.install('lax');
  await s.client.query('alter table lax drop constraint lax_pkey; alter table lax alter id drop not null');
  expect(await s.told('insert into lax values (1)', 'insert into lax values (null)')).toEqual([
    ['insert', 'lax', [[['1']]]],
    ['insert', 'lax'],
  ]);
});

test('another channel can be chosen', async () => {
  await s.client.query('create table channelled (id int primary key)');
  await s.install('channelled', { channel: 'Odd "channel"' });
  const ear = await listen(await s.db.client(), 'Odd "channel"');
  expect(await s.told('insert into channelled values (1)')).toEqual([]);
  expect(await ear.heard()).toMatchObject([{ table: 'channelled', rows: [[['1']]] }]);
});

test('writable views, deferred constraints and rows that triggers alter or suppress are told as what was written', async () => {
  await s.client.query(`create table seen_through (id int primary key, n int);
    create view window_on as select id, n from seen_through where n < 100;
    create function alter_row() returns trigger language plpgsql as
      'begin if new.n = 13 then return null; end if; new.id := new.id + 1000; return new; end';
    create trigger altering before insert on seen_through for each row execute function alter_row();
    create table deferring (id int primary key deferrable initially deferred,
      other int references seen_through deferrable initially deferred)`);
  await s.install(['seen_through', 'deferring']);
  expect(
    await s.told(
      'insert into window_on values (1, 1), (2, 13)',
      'update window_on set n = 2',
      'begin; insert into deferring values (1, 1005); insert into deferring values (1, 1005); update deferring set id = 2 where ctid = (select max(ctid) from deferring); insert into window_on values (5, 5); commit',
      'delete from window_on where id = 1001',
    ),
  ).toEqual([
    ['insert', 'seen_through', [[['1001']]]],
    ['update', 'seen_through', [[['1001']]]],
    ['insert', 'deferring', [[['1']], [['1']]]],
    ['update', 'deferring', [[['2'], ['1']]]],
    ['insert', 'seen_through', [[['1005']]]],
    ['delete', 'seen_through', [[['1001']]]],
  ]);
});
