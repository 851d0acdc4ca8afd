import { expect, test } from 'vitest';
import { setup } from './setup.js';

const s = setup();
const table = { level: 'table' } as const;

/** Which function each trigger of the table calls, by the trigger's name. */
async function functionsOf(name: string): Promise<Record<string, string>> {
  const { rows } = await s.client.query(
    'select tgname, tgfoid::regproc::text as function from pg_trigger where tgrelid = $1::regclass',
    [name],
  );
  return Object.fromEntries(rows.map((row) => [row.tgname, row.function]));
}

test('at level table, a trigger of statements tells of the table once per transaction and operation', async () => {
  await s.client.query('create table plain (id int primary key, n int)');
  await s.install('plain', table);
  expect(await functionsOf('plain')).toEqual({ pgcachewatch_statement: 'pgcachewatch.notify_statement' });
  expect(
    await s.told(
      'insert into plain values (1, 1), (2, 2)',
      'update plain set n = 3 where id = 1',
      'begin; update plain set n = 4; delete from plain where id = 1; update plain set n = 5; delete from plain; commit',
      'truncate plain',
    ),
  ).toEqual([
    ['insert', 'plain'],
    ['update', 'plain'],
    ['update', 'plain'],
    ['delete', 'plain'],
    ['truncate', 'plain'],
  ]);
});

test('a statement that touches no row is told only in a transaction that has written something', async () => {
  await s.client.query('create table untouched (id int primary key, n int); create table touched (id int)');
  await s.install('untouched', table);
  expect(
    await s.told(
      'update untouched set n = 3 where false',
      'insert into untouched select 3, 3 where false',
      'delete from untouched where false',
    ),
  ).toEqual([]);
  expect(
    await s.told('begin; insert into touched values (1); update untouched set n = 3 where false; commit'),
  ).toEqual([['update', 'untouched']]);
});

test('it gives no transaction an id that has changed nothing', async () => {
  await s.client.query('create table quiet (id int primary key)');
  await s.install('quiet', table);
  await s.client.query('begin');
  await s.client.query('delete from quiet');
  const { rows } = await s.client.query('select pg_current_xact_id_if_assigned() as xid');
  await s.client.query('rollback');
  expect(rows).toEqual([{ xid: null }]);
});

test('it tells a table that is renamed, or has become a partition since, by the name of now', async () => {
  await s.client.query(`
    create table before (id int primary key);
    create schema "o'dd"; create table "o'dd"."ro""ot" (id int primary key) partition by range (id)`);
  await s.install(['before', `"o'dd"."ro""ot"`], table);
  await s.client.query('alter table before rename to after');
  expect(await s.told('insert into after values (1)')).toEqual([['insert', 'after']]);
  await s.client.query(`alter table "o'dd"."ro""ot" attach partition after for values from (0) to (10)`);
  await s.client.query('insert into after values (2)');
  await s.client.query(`insert into "o'dd"."ro""ot" values (3)`);
  const heard = await s.ear.heard();
  expect(new Set(heard.map(({ operation, schema, table }) => `${operation} ${schema} ${table}`))).toEqual(
    new Set([`insert o'dd ro"ot`]),
  );
  expect(new Set(heard.map(({ xid }) => xid)).size).toBe(2);
});

test('neither the settings of a session nor what its search_path leads to alter what it tells', async () => {
  await s.client.query(`
    create table set_about (id int primary key);
    create schema trap;
    create function trap.lower(text) returns text language sql as $$ select 'trapped' $$;
    create function trap.to_json(name) returns json language sql as $$ select '"trapped"'::json $$;
    create function trap.never(text, text) returns boolean language sql as $$ select false $$;
    create operator trap.= (leftarg = text, rightarg = text, function = trap.never);
    create function trap.never(oid, oid) returns boolean language sql as $$ select true $$;
    create operator trap.<> (leftarg = oid, rightarg = oid, function = trap.never)`);
  await s.install('set_about', table);
  const client = await s.db.client();
  for (const setting of [
    "search_path = trap, public, pg_catalog; set timezone = '<+01:23>-01:23'; set datestyle = 'German, DMY'",
    "search_path = ''; set timezone = 'America/St_Johns'; set datestyle = 'SQL, MDY'",
  ]) {
    await client.query(`set ${setting}`);
    await client.query('insert into public.set_about values ((random() * 1e9)::pg_catalog.int4)');
    const [heard] = await s.ear.heard();
    expect(heard).toMatchObject({ operation: 'insert', schema: 'public', table: 'set_about' });
    expect(Math.abs(Date.now() - new Date(heard?.sent_at ?? '').getTime())).toBeLessThan(60_000);
  }
});

test('the tables of an inheritance tree have one name together, and partitions another', async () => {
  await s.client.query('create table parent (id int primary key); create table child () inherits (parent)');
  await s.install('parent', table);
  expect(new Set(Object.values(await functionsOf('child')))).toEqual(
    new Set(['pgcachewatch.notify_statement']),
  );
  expect(await s.told('insert into child values (1)')).toEqual([['insert', 'parent']]);
});
