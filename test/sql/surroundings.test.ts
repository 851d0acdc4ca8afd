import { escapeIdentifier, escapeLiteral } from 'pg';
import { expect, test } from 'vitest';
import { setup } from './setup.js';

const s = setup();

const HOSTILE_VALUES = [
  `'`,
  `"`,
  '\\',
  `\\"`,
  `{"operation":"delete","rows":[`,
  `]}`,
  'null',
  '',
  ' ',
  '%s %I %L $1 %%',
  '😀👩‍👩‍👧',
  'a\nb\tc\r',
  '\u0001\u001f\u007f',
  '{1,2}',
  `x'); drop table hostile; --`,
  '\u2028',
];

test.each([
  'table',
  'key',
  'row',
] as const)('at level %s, no value comes out other than it went in', async (level) => {
  const table = `hostile_${level}`;
  await s.client.query(`create table ${table} (id text primary key, t text)`);
  await s.install(table, { level });
  for (const value of HOSTILE_VALUES) await s.client.query(`insert into ${table} values ($1, $1)`, [value]);
  const heard = await s.ear.heard();
  expect(heard).toHaveLength(HOSTILE_VALUES.length);
  if (level === 'key') expect(heard.map(({ rows }) => rows?.[0]?.[0]?.[0])).toEqual(HOSTILE_VALUES);
  if (level === 'row') expect(heard.map(({ rows }) => rows?.[0]?.[3]?.[1])).toEqual(HOSTILE_VALUES);
});

const HOSTILE_NAMES = [
  'Weird "Name"',
  'select',
  'ünï',
  `it's`,
  'a.b',
  '100%I',
  '$function$',
  'x; drop table y',
  'new_rows',
  'back\\slash',
  '{"a"}',
];

test.each(HOSTILE_NAMES)('a table, a schema and columns may be called %s', async (name) => {
  const quoted = escapeIdentifier(name);
  const table = `${escapeIdentifier(`${name} schema`)}.${quoted}`;
  await s.client.query(`create schema ${escapeIdentifier(`${name} schema`)}`);
  const other = escapeIdentifier(`${name} 2`);
  await s.client.query(
    `create table ${table} (${quoted} int, ${other} text, primary key (${quoted}, ${other}))`,
  );
  await s.install(table, { level: 'row' });
  await s.client.query(`insert into ${table} values (1, 'x')`);
  const columns = [name, `${name} 2`];
  expect(await s.ear.heard()).toMatchObject([
    {
      schema: `${name} schema`,
      table: name,
      key: columns,
      columns,
      rows: [[['1', 'x'], null, null, ['1', 'x']]],
    },
  ]);
});

test('names of the greatest length, which JSON makes longer, do not break anything', async () => {
  const long = (first: string) => escapeIdentifier(first + '\u0001'.repeat(62));
  const columns = [...'abcdefghijklmnopqrstuvwxyz'].map(long);
  await s.client.query(
    `create table ${long('t')} (${columns.map((column) => `${column} int`)}, primary key (${columns}))`,
  );
  await s.install(long('t'), { level: 'row' });
  await s.client.query(`insert into ${long('t')} select ${columns.map(() => 1)}`);
  const heard = await s.ear.heard();
  expect(heard.map(({ operation, rows }) => [operation, rows])).toEqual([['insert', undefined]]);
});

test('a table of 400 columns is told at level row', async () => {
  const columns = Array.from({ length: 400 }, (_, i) => `c${i}`);
  await s.client.query(`create table wide (${columns.map((column) => `${column} int`)}, primary key (c0))`);
  await s.install('wide', { level: 'row' });
  await s.client.query(`insert into wide select ${columns.map((_, i) => i)}`);
  const [first] = await s.ear.heard();
  expect(first?.rows?.[0]?.[3]).toEqual(columns.map((_, i) => String(i)));
});

test('every text is the one that the type’s output function writes', async () => {
  await s.client.query(`
    create type pair as (a int, b text); create type mood as enum ('so', 'la la'); create domain code as char(4)`);
  const values: Readonly<Record<string, string>> = {
    bool: 'true',
    'char(4)': `'x'`,
    code: `'y'`,
    '"char"': `'c'`,
    name: `'n'`,
    inet: `'10.0.0.1'`,
    cidr: `'10.0.0.0/8'`,
    numeric: '1.00',
    float8: '0.1::float8 + 0.2::float8',
    float4: '1e-7',
    money: `'12.34'`,
    bytea: `'\\x00ff'`,
    date: `'2025-02-01'`,
    timestamptz: `'2025-02-01 12:00:00.5+03'`,
    timestamp: `'infinity'`,
    timetz: `'12:00+01'`,
    interval: `'1 year 2 days -3 hours'`,
    'text[]': `array['a b', null, '"', 'NULL']`,
    pair: `row(null, 'x y')`,
    mood: `'la la'`,
    jsonb: `'{"a": [1, null]}'`,
    json: `'{"a" :1 }'`,
    xml: `'<a>&amp;</a>'`,
    int4range: `'[1,5)'`,
    bit: `b'1'`,
    tsvector: `'a:1 b'`,
    oid: '42',
    regclass: `'pg_class'`,
    xid8: `'7'`,
    point: `'(1,2)'`,
    uuid: `'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'`,
  };
  // Without XML compiled in, the type cannot take a value.
  const types = Object.keys(values).filter((type) => type !== 'xml');
  const definitions = types.map((type, i) => `c${i} ${type}`).join(', ');
  await s.client.query(
    `create table typed (${definitions}, nothing text, null_pair pair, nulls pair, id int primary key)`,
  );
  await s.install('typed', { level: 'row' });
  await s.client.query(
    `insert into typed values (${types.map((type) => values[type])}, null, null, row(null, null), 1)`,
  );
  const [first] = await s.ear.heard();
  const client = await s.db.client();
  await client.query("set timezone = 'UTC'; set search_path = pg_catalog");
  // Untouched by pg's parsers, this is what the server itself writes.
  const { rows } = await client.query({
    text: 'select * from public.typed',
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text },
  });
  expect(first?.rows?.[0]?.[3]).toEqual(rows[0]);
  expect(rows[0]?.slice(-4)).toEqual([null, null, '(,)', '1']);
});

test('what the writer has set changes no text', async () => {
  await s.client.query(
    'create table keyed (at timestamptz, d date, f float8, i interval, b bytea, primary key (at, d, f, i, b))',
  );
  await s.install('keyed');
  const client = await s.db.client();
  const insert = `insert into public.keyed values ('2025-02-01 12:00+00', '2025-02-01', 0.1::float8 + 0.2, '1 day 02:00', '\\x00ff')`;
  const heard = [];
  for (const settings of [
    "set timezone = 'UTC'",
    "set timezone = 'Asia/Tokyo'; set datestyle = 'German, DMY'; set intervalstyle = 'iso_8601'; set extra_float_digits = -5; set bytea_output = 'escape'",
    'set search_path = nowhere; set standard_conforming_strings = on; set quote_all_identifiers = on',
  ]) {
    await client.query('reset all');
    await client.query(settings);
    await client.query('begin');
    await client.query(
      insert
        .replace("'2025-02-01 12:00", "timestamptz '2025-02-01 12:00")
        .replace("'2025-02-01',", "date '2025-02-01',"),
    );
    await client.query('delete from public.keyed; commit');
    heard.push(...(await s.ear.heard()));
  }
  expect(new Set(heard.map(({ rows }) => JSON.stringify(rows)))).toEqual(
    new Set([
      JSON.stringify([
        [['2025-02-01 12:00:00+00', '2025-02-01', '0.30000000000000004', '1 day 02:00:00', '\\x00ff']],
      ]),
    ]),
  );
  for (const { sent_at } of heard) expect(sent_at).toMatch(/\+00:00$/);
});

test('the writer finds the session as it was', async () => {
  await s.client.query('create table settled (id int primary key)');
  await s.install('settled');
  const client = await s.db.client();
  await client.query(
    "set timezone = 'Asia/Tokyo'; set datestyle = 'German, DMY'; set search_path = public, pg_catalog",
  );
  const settings = async () =>
    (
      await client.query(
        "select name, setting from pg_settings where name in ('TimeZone', 'DateStyle', 'search_path', 'bytea_output')",
      )
    ).rows;
  const before = await settings();
  await client.query('insert into settled values (1)');
  expect(await settings()).toEqual(before);
});

test('functions, operators, types and tables in front of the writer’s search path are not called', async () => {
  await s.client.query('create table shadowed (id int primary key)');
  await s.install('shadowed', { level: 'row' });
  const client = await s.db.client();
  await client.query(`
    create schema trap;
    create table trap.new_rows (id int); create table trap.pg_class (id int); create table trap.pg_attribute (id int);
    create table trap.pg_inherits (id int); create type trap.text as (a int);
    create function trap.pg_notify(text, text) returns void language plpgsql as 'begin raise exception $$trapped$$; end';
    create function trap.concat(int) returns text language plpgsql as 'begin raise exception $$trapped$$; end';
    create function trap.format(text, text) returns text language plpgsql as 'begin raise exception $$trapped$$; end';
    create function trap.lower(text) returns text language plpgsql as 'begin raise exception $$trapped$$; end';
    create function trap.never(name, name) returns bool language plpgsql as 'begin raise exception $$trapped$$; end';
    create operator trap.= (leftarg = name, rightarg = name, function = trap.never);
    create temp table pg_class (id int); create temp table new_rows (id int)`);
  await client.query('set search_path = trap, pg_temp, pg_catalog, public');
  await client.query('insert into public.shadowed values (1)');
  expect(await s.ear.heard()).toMatchObject([{ columns: ['id'], rows: [[['1'], null, null, ['1']]] }]);
});

test('a writer needs no right but to write, and tells of rows that row security hides from it', async () => {
  const role = escapeIdentifier(`writer_${s.db.name}`);
  await s.client.query(`
    create schema closed; create table closed.orders (id int primary key, secret text);
    create role ${role} login password 'pw' nosuperuser;
    grant usage on schema closed to ${role}; grant insert, update (secret), select (id) on closed.orders to ${role};
    create table closed.secured (id int primary key); grant insert on closed.secured to ${role};
    alter table closed.secured enable row level security;
    create policy write on closed.secured for insert with check (true)`);
  try {
    await s.install(['closed.orders', 'closed.secured'], { level: 'row' });
    await s.client.query('revoke usage on schema pgcachewatch from public');
    expect(
      await s.told(
        `set role ${role}`,
        "insert into closed.orders values (1, 'x')",
        "update closed.orders set secret = 'y' where id = 1",
        'insert into closed.secured values (1)',
        'reset role',
      ),
    ).toEqual([
      ['insert', 'orders', [[['1'], null, null, ['1', 'x']]]],
      ['update', 'orders', [[['1'], null, ['1', 'x'], ['1', 'y']]]],
      ['insert', 'secured', [[['1'], null, null, ['1']]]],
    ]);
  } finally {
    await s.client.query(
      `reset role; drop owned by ${role}; drop role ${role}; grant usage on schema pgcachewatch to public`,
    );
  }
});

test('under session_replication_role = replica, only triggers that are ALWAYS on tell', async () => {
  await s.client.query('create table usual (id int primary key); create table steady (id int primary key)');
  await s.install('usual');
  await s.install('steady', { always: true });
  expect(
    await s.told(
      "set session_replication_role = 'replica'",
      'insert into usual values (1)',
      'insert into steady values (1)',
      'reset session_replication_role',
      'insert into usual values (2)',
      'insert into steady values (2)',
    ),
  ).toEqual([
    ['insert', 'steady', [[['1']]]],
    ['insert', 'usual', [[['2']]]],
    ['insert', 'steady', [[['2']]]],
  ]);
});

test('a trigger with arguments that make no sense tells of the whole table, or warns: it never raises', async () => {
  await s.client.query('create table odd (id int primary key)');
  await s.install('odd');
  const warnings: string[] = [];
  const client = await s.db.client();
  client.on('notice', ({ message = '', severity }) => warnings.push(`${severity} ${message}`));
  const channel = 'ch_pgcachewatch_table_change';
  let id = 0;
  for (const args of [
    [],
    ['key'],
    ['nonsense', '{id}', channel],
    ['key', 'not an array', channel, '10'],
    ['key', '{id}', channel, 'many'],
    ['key', '{id}', channel, '2147483647'],
    ['key', '{NULL}', channel, '10'],
    ['key', '{{id}}', channel, '10'],
  ]) {
    await client.query(`create or replace trigger pgcachewatch_insert after insert on odd referencing new table as new_rows
      for each statement execute function pgcachewatch.notify_change(${args.map((arg) => escapeLiteral(arg))})`);
    await client.query('insert into odd values ($1)', [++id]);
    const heard = await s.ear.heard();
    expect(heard, `${args}`).toMatchObject([{ operation: 'insert', table: 'odd' }]);
  }
  expect(warnings).toEqual([]);

  await client.query(`create or replace trigger pgcachewatch_insert after insert on odd referencing new table as new_rows
    for each statement execute function pgcachewatch.notify_change('key', '{id}', '${'c'.repeat(64)}', '10')`);
  await client.query('insert into odd values (100)');
  expect(warnings).toEqual([expect.stringMatching(/^WARNING pgcachewatch .*public\.odd.*22023/)]);
  expect((await client.query('select id from odd where id = 100')).rows).toHaveLength(1);
});

test('a writer may be cancelled, and then nothing is told', async () => {
  await s.client.query('create table slow (id int primary key)');
  await s.install('slow');
  const client = await s.db.client();
  await client.query("set statement_timeout = '20ms'");
  await expect(
    client.query('insert into slow select g from generate_series(1, 5000000) as g'),
  ).rejects.toMatchObject({ code: '57014' });
  expect(await s.ear.texts()).toEqual([]);
});
