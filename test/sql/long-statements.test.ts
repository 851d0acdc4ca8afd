import { expect, test } from 'vitest';
import { said } from './heard.js';
import { setup } from './setup.js';

const s = setup();

const LIMIT_BYTES = 7999;

test.each([
  'key',
  'row',
] as const)('at level %s, no row is too long for its payload, and none is lost', async (level) => {
  const table = `split_${level}`;
  await s.client.query(`create table ${table} (id text primary key, n int)`);
  await s.install(table, { level });
  // Of one to four bytes a character, and of one that JSON writes in six.
  await s.client.query(`insert into ${table} select repeat(chr(128512), g % 50) || repeat('é', g % 7) || repeat(chr(7), g % 11) || g, g
    from generate_series(1, 900) as g`);
  const texts = await s.ear.texts();
  for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMIT_BYTES);
  const payloads = texts.map((text) => JSON.parse(text));
  const keys = payloads.flatMap(({ rows }) => rows.map(([key]: string[][]) => key?.[0]));
  const { rows } = await s.client.query(`select id from ${table} order by n`);
  expect(keys).toEqual(rows.map(({ id }) => id));
  expect(new Set(payloads.map(({ xid }) => xid)).size).toBe(1);
});

test('a payload may have exactly the bytes that are allowed, and not one more', async () => {
  await s.client.query('create table exact (id text primary key) with (toast_tuple_target = 128)');
  await s.install('exact');
  // Keys of few different characters, so that they fit the index though they do not fit the payload.
  await s.client.query("insert into exact values (repeat('x', 100))");
  const [text = ''] = await s.ear.texts();
  // The last digits of sent_at come and go: it decides on the length, so some way is left to either side.
  const room = LIMIT_BYTES - Buffer.byteLength(text) + 100;
  for (const length of [room - 10, room + 10])
    await s.client.query(`insert into exact values (repeat('x', ${length}))`);
  const heard = await s.ear.heard();
  expect(heard.map(({ rows }) => rows?.length)).toEqual([1, undefined]);
});

test('more rows in a transaction than the limit are the whole table, up to it each is told', async () => {
  await s.client.query('create table counted (id int primary key, n int)');
  await s.install('counted', { maxRows: 10 });
  const heard = [];
  for (const statements of [
    'insert into counted select g, 0 from generate_series(1, 10) as g',
    'insert into counted select g, 0 from generate_series(11, 21) as g',
    'update counted set n = 1',
    // Each operation has a count of its own, and each transaction begins anew.
    'begin; update counted set n = 2 where id <= 6; update counted set n = 3 where id <= 6; delete from counted where id = 1; commit',
    'update counted set n = 1 where id between 2 and 11',
    'begin; update counted set n = 4; update counted set n = 5; commit',
  ]) {
    await s.client.query(statements);
    const told = (await s.ear.heard()).map(({ operation, rows }) => [operation, rows?.length ?? 'all']);
    heard.push(told.map(([operation, rows]) => `${operation} ${rows}`));
  }
  const each = (operation: string, rows: number) => Array<string>(rows).fill(`${operation} 1`);
  expect(heard).toEqual([
    each('insert', 10),
    [...each('insert', 10), 'insert all'],
    [...each('update', 10), 'update all'],
    [...each('update', 10), 'update all', 'delete 1'],
    each('update', 10),
    [...each('update', 10), 'update all'],
  ]);
});

test('the partitions of a table count its rows together', async () => {
  await s.client.query(`create table shared (id int primary key) partition by range (id);
    create table shared_1 partition of shared for values from (0) to (10);
    create table shared_2 partition of shared for values from (10) to (20)`);
  await s.install('shared', { maxRows: 3 });
  expect(
    await s.told(
      'insert into shared values (1), (2), (11), (12), (13)',
      'begin',
      'delete from shared_1',
      'delete from shared_2',
      'commit',
    ),
  ).toEqual([
    ['insert', 'shared', [[['1']], [['2']], [['11']]]],
    ['insert', 'shared'],
    ['delete', 'shared', [[['1']], [['2']], [['11']]]],
    ['delete', 'shared'],
  ]);
});

test('what a savepoint or an exception block takes back, it takes back of the count, too', async () => {
  await s.client.query('create table recounted (id int primary key)');
  await s.client.query(`create table grouped (id int primary key) partition by range (id);
    create table grouped_1 partition of grouped for values from (0) to (1000)`);
  await s.install('recounted', { maxRows: 2 });
  await s.install('grouped', { level: 'table' });
  for (const table of ['recounted', 'grouped']) {
    const rolledBack = await s.told(
      'begin',
      'savepoint a',
      `insert into ${table} select generate_series(1, 9)`,
      'rollback to a',
      `do $$ begin insert into ${table} select generate_series(1, 9); raise 'no'; exception when others then null; end $$`,
      `insert into ${table} values (1)`,
      'commit',
    );
    const released = await s.told(
      'begin',
      'savepoint a',
      `delete from ${table}`,
      'release a',
      `insert into ${table} select generate_series(1, 9)`,
      'savepoint b',
      `delete from ${table}`,
      'rollback to b',
      'commit',
    );
    expect([rolledBack, released]).toEqual(
      table === 'grouped'
        ? [
            [['insert', table]],
            [
              ['delete', table],
              ['insert', table],
            ],
          ]
        : [
            [['insert', table, [[['1']]]]],
            [
              ['delete', table, [[['1']]]],
              ['insert', table, [[['1']], [['2']]]],
              ['insert', table],
            ],
          ],
    );
  }
});

test('the limit is 1000 rows where none is given', async () => {
  await s.client.query('create table thousands (id int primary key)');
  await s.install('thousands');
  await s.client.query('insert into thousands select generate_series(1, 1000)');
  const exact = await s.ear.heard();
  expect(exact.flatMap(({ rows }) => rows ?? [])).toHaveLength(1000);
  await s.client.query('insert into thousands select generate_series(1001, 2001)');
  expect((await s.ear.heard()).map(said).at(-1)).toEqual(['insert', 'thousands']);
});

test('a large statement works at every level where temporary files are limited to nothing', async () => {
  const client = await s.db.client();
  await client.query(`create table parted (id int, filler text) partition by range (id);
    create table parted_1 partition of parted for values from (0) to (1000000)`);
  for (const level of ['table', 'key', 'row'] as const) {
    const table = `filed_${level}`;
    await client.query(`create table ${table} (id int primary key, filler text)`);
    await client.query(`insert into ${table} select g, repeat('x', 200) from generate_series(1, 3000) as g`);
    await s.install([table, 'parted'], { level });
    await client.query("set work_mem = '64kB'; set temp_file_limit = 0");
    await client.query(`update ${table} set id = -id`);
    await client.query("insert into parted select generate_series(1, 3000), repeat('x', 200)");
    await client.query('update parted set id = id + 1');
    await client.query(`delete from parted; delete from ${table}`);
    await client.query('reset temp_file_limit; reset work_mem');
    const told = (await s.ear.heard()).filter(({ rows }) => rows === undefined).map(said);
    expect(told, level).toEqual([
      ['update', table],
      ['insert', 'parted'],
      ['update', 'parted'],
      ['delete', 'parted'],
      ['delete', table],
    ]);
  }
});

test('a row of 1 MB is written at every level, and told by its key where it has one', async () => {
  for (const level of ['table', 'key', 'row'] as const) {
    const [keyed, keyless] = [`big_${level}`, `bulk_${level}`];
    await s.client.query(
      `create table ${keyed} (id int primary key, t text); create table ${keyless} (t text)`,
    );
    await s.install([keyed, keyless], { level });
    const told = await s.told(
      `insert into ${keyed} values (1, repeat('x', 1000000))`,
      `update ${keyed} set t = t || 'y'`,
      `insert into ${keyless} values (repeat('x', 1000000))`,
    );
    const key = level === 'table' ? [] : [[[['1']]]];
    expect(told).toEqual([
      ['insert', keyed, ...key],
      ['update', keyed, ...key],
      ['insert', keyless],
    ]);
  }
});

test('a long row among short ones is told by its key, and the others as they are', async () => {
  await s.client.query('create table mixed (id int primary key, t text)');
  await s.install('mixed', { level: 'row' });
  // Each image fits; the two of an update do not.
  const [insert, update] = await s.told(
    "insert into mixed values (1, 'a'), (2, repeat('x', 5000)), (3, 'c')",
    "update mixed set t = t || 'z'",
  );
  expect(insert).toEqual([
    'insert',
    'mixed',
    [
      [['1'], null, null, ['1', 'a']],
      [['2'], null, null, ['2', 'x'.repeat(5000)]],
      [['3'], null, null, ['3', 'c']],
    ],
  ]);
  expect(update).toEqual([
    'update',
    'mixed',
    [[['1'], null, ['1', 'a'], ['1', 'az']], [['2']], [['3'], null, ['3', 'c'], ['3', 'cz']]],
  ]);
});

test('at level key, a long column that is not in the key is not even read', async () => {
  await s.client.query('create table lazy (id int primary key, t text, n int)');
  await s.client.query(
    "insert into lazy select 1, string_agg(md5(g::text), ''), 0 from generate_series(1, 30000) as g",
  );
  /** How many blocks of long values the update has read: itself none, so what its trigger has. */
  const blocksRead = async (): Promise<number> => {
    const read = `select pg_stat_get_xact_blocks_fetched(reltoastrelid)::int as blocks from pg_class where relname = 'lazy'`;
    await s.client.query('begin');
    const before = await s.client.query(read);
    await s.client.query('update lazy set n = n + 1');
    const after = await s.client.query(read);
    await s.client.query('commit');
    return after.rows[0].blocks - before.rows[0].blocks;
  };
  await s.install('lazy');
  expect(await blocksRead()).toBe(0);
  await s.install('lazy', { level: 'row' });
  expect(await blocksRead()).toBeGreaterThan(100);
});
