import { escapeIdentifier, escapeLiteral } from 'pg';
import { expect, test } from 'vitest';
import { said } from './heard.js';
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

const CHANNEL = 'ch_pgcachewatch_table_change';

test.each([
  ['notify_row_key', 'row'],
  ['notify_row', 'row'],
  ['notify_statement', 'statement'],
])('%s with arguments that make no sense tells of the whole table, or warns: it never raises', async (called, kind) => {
  const table = `odd_${called}`;
  await s.client.query(`create table ${table} (id int primary key)`);
  await s.install(table);
  const warnings: string[] = [];
  const client = await s.db.client();
  client.on('notice', ({ message = '', severity }) => warnings.push(`${severity} ${message}`));
  const create = (...args: string[]) =>
    client.query(`drop trigger if exists pgcachewatch_row on ${table};
      create trigger pgcachewatch_row after insert on ${table}
      for each ${kind} execute function pgcachewatch.${called}(${args.map((arg) => escapeLiteral(arg))})`);
  let id = 0;
  for (const args of [
    [],
    ['key'],
    ['nonsense', '{id}', CHANNEL],
    ['key', 'not an array', CHANNEL, '10'],
    ['key', '{id}', CHANNEL, 'many'],
    ['key', '{id}', CHANNEL, '2147483647'],
    ['key', '{NULL}', CHANNEL, '10'],
    ['key', '{}', CHANNEL, '10'],
    ['row', '{nothing}', CHANNEL, '10'],
  ]) {
    await create(...args);
    await client.query(`insert into ${table} values ($1)`, [++id]);
    const heard = await s.ear.heard();
    expect(heard, `${args}`).toMatchObject([{ operation: 'insert', table }]);
    if (called !== 'notify_statement' && args[3] === '2147483647')
      expect(heard[0]?.rows).toEqual([[[String(id)]]]);
  }
  expect(warnings).toEqual([]);

  await create('key', '{id}', 'c'.repeat(64), '10');
  await client.query(`insert into ${table} values (100)`);
  expect(warnings).toEqual([
    expect.stringMatching(new RegExp(`^WARNING pgcachewatch .*public\\.${table}.*42622`)),
  ]);
  expect((await client.query(`select id from ${table} where id = 100`)).rows).toHaveLength(1);
});

test('a writer who may not execute pg_notify tells of whole tables, and does not fail', async () => {
  const role = escapeIdentifier(`hindered_${s.db.name}`);
  const tables = ['by_statement', 'by_key', 'by_row'];
  await s.client.query(`create role ${role}`);
  for (const table of tables) {
    await s.client.query(
      `create table ${table} (id int primary key, n int); grant all on ${table} to ${role}`,
    );
  }
  await s.install('by_statement', { level: 'table' });
  await s.install('by_key');
  await s.install('by_row', { level: 'row' });
  for (const hindrance of ['pg_notify(text, text)', 'set_config(text, text, boolean)']) {
    await s.client.query(`revoke execute on function ${hindrance} from public; set role ${role}`);
    try {
      for (const table of tables) {
        await s.client.query(
          `insert into ${table} values (1, 1), (2, 2); update ${table} set n = 3; delete from ${table}`,
        );
      }
    } finally {
      await s.client.query(`reset role; grant execute on function ${hindrance} to public`);
    }
    expect((await s.ear.heard()).map(said), hindrance).toEqual(
      tables.flatMap((table) => ['insert', 'update', 'delete'].map((operation) => [operation, table])),
    );
  }
  await s.client.query(`drop owned by ${role}; drop role ${role}`);
});

test('a session goes on to tell of the key when its column has got another type, name or place', async () => {
  await s.client.query(`create table migrated (id int primary key, n int); create table moved_on (k int primary key, n int);
    create table twofold (a int, b int, n int, primary key (a, b))`);
  await s.install(['migrated', 'moved_on', 'twofold']);
  expect(
    await s.told(
      'insert into migrated values (1, 1)',
      'insert into moved_on values (1, 1)',
      'insert into twofold values (1, 1)',
      'alter table migrated alter id type bigint',
      'alter table moved_on alter k type bigint',
      'alter table twofold alter b type text',
      'alter table twofold alter a type bigint',
      'insert into migrated values (20000000000, 1)',
      'update moved_on set k = 20000000000',
      "update twofold set b = 'x'",
      'alter table migrated drop column n, add column id2 int',
      'delete from migrated where id = 1',
    ),
  ).toEqual([
    ['insert', 'migrated', [[['1']]]],
    ['insert', 'moved_on', [[['1']]]],
    ['insert', 'twofold', [[['1', '1']]]],
    ['insert', 'migrated', [[['20000000000']]]],
    ['update', 'moved_on', [[['20000000000'], ['1']]]],
    [
      'update',
      'twofold',
      [
        [
          ['1', 'x'],
          ['1', '1'],
        ],
      ],
    ],
    ['delete', 'migrated', [[['1']]]],
  ]);
});

test('keys that a collation holds equal are told apart', async ({ skip }) => {
  const created = await s.client
    .query("create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    .then(
      () => true,
      () => false,
    );
  if (!created) skip('the server has no ICU');
  await s.client.query(`create table folded (id text collate blind primary key, n int);
    create table folded_2 (n int, k text collate blind primary key)`);
  await s.install(['folded', 'folded_2']);
  expect(
    await s.told(
      "insert into folded values ('a'); insert into folded_2 (k) values ('a')",
      "update folded set id = 'A'",
      "update folded_2 set k = 'A'",
    ),
  ).toEqual([
    ['insert', 'folded', [[['a']]]],
    ['insert', 'folded_2', [[['a']]]],
    ['update', 'folded', [[['A'], ['a']]]],
    ['update', 'folded_2', [[['A'], ['a']]]],
  ]);
});

test('settings of plpgsql and of the parser that a writer has alter nothing', async () => {
  await s.client.query(`create table parsed (id int primary key, n int); create table parsed_2 (n int, root int primary key);
    create table parsed_3 (root int primary key, names text, key_after int)`);
  await s.install(['parsed', 'parsed_2']);
  await s.install('parsed_3', { level: 'row' });
  for (const setting of [
    "plpgsql.variable_conflict = 'use_variable'",
    "plpgsql.variable_conflict = 'use_column'",
    "plpgsql.extra_errors = 'all'",
    'transform_null_equals = on',
    'quote_all_identifiers = on',
    'array_nulls = off',
  ]) {
    const client = await s.db.client();
    await client.query("load 'plpgsql'");
    await client.query(`set ${setting}`);
    await client.query(
      "insert into parsed values (1); insert into parsed_2 (root) values (1); insert into parsed_3 values (1, '{', 2)",
    );
    await client.query('delete from parsed; delete from parsed_2; delete from parsed_3');
    const heard = (await s.ear.heard()).map(({ table, rows }) => [table, rows]);
    expect(heard, setting).toEqual([
      ['parsed', [[['1']]]],
      ['parsed_2', [[['1']]]],
      ['parsed_3', [[['1'], null, null, ['1', '{', '2']]]],
      ['parsed', [[['1']]]],
      ['parsed_2', [[['1']]]],
      ['parsed_3', [[['1'], null, ['1', '{', '2'], null]]],
    ]);
  }
});

test('a foreign partition that is attached after the installation lets every statement work', async ({
  skip,
}) => {
  const here = await s.client.query('create extension if not exists postgres_fdw').then(
    () => true,
    () => false,
  );
  if (!here) skip('the server has no postgres_fdw');
  const url = new URL(s.db.url);
  await s.client.query(`
    create table spread (id int, v text) partition by range (id);
    create table spread_1 partition of spread for values from (0) to (100)`);
  for (const level of ['table', 'key', 'row'] as const) {
    await s.install('spread', { level });
    await s.client.query(`
      create server elsewhere foreign data wrapper postgres_fdw
        options (host '${url.hostname}', port '${url.port}', dbname '${url.pathname.slice(1)}');
      create user mapping for current_user server elsewhere
        options (user '${url.username}', password ${escapeLiteral(decodeURIComponent(url.password))});
      create table archive (id int, v text);
      create foreign table spread_2 partition of spread for values from (100) to (200)
        server elsewhere options (table_name 'archive')`);
    const told = await s.told(
      "insert into spread values (1, 'x'), (150, 'x')",
      "update spread set v = 'y'",
      'update spread set id = 151 where id = 1',
      'update spread_2 set id = 152 where id = 151',
      'delete from spread',
      'truncate spread',
    );
    expect(new Set(told.map((each) => (Array.isArray(each) ? each[0] : each))), level).toEqual(
      new Set(['insert', 'update', 'delete', 'truncate']),
    );
    await s.client.query('drop server elsewhere cascade; drop table archive');
  }
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
