import { expect, test } from 'vitest';
import { said } from './heard.js';
import { setup } from './setup.js';

const s = setup();

const LIMIT_BYTES = 7999;

test.each([
  'key',
  'row',
] as const)('at level %s, what is too long is split, and nothing is lost', async (level) => {
  const table = `split_${level}`;
  await s.client.query(`create table ${table} (id text primary key, n int)`);
  await s.install(table, { level });
  // Of one to four bytes a character, and of one that JSON writes in six.
  await s.client.query(`insert into ${table} select repeat(chr(128512), g % 50) || repeat('é', g % 7) || repeat(chr(7), g % 11) || g, g
    from generate_series(1, 900) as g`);
  const texts = await s.ear.texts();
  expect(texts.length).toBeGreaterThan(10);
  for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMIT_BYTES);
  const payloads = texts.map((text) => JSON.parse(text));
  const keys = payloads.flatMap(({ rows }) => rows.map(([key]: string[][]) => key?.[0]));
  const { rows } = await s.client.query(`select id from ${table} order by n`);
  expect(keys).toEqual(rows.map(({ id }) => id));
  expect(new Set(payloads.map(({ sent_at, xid }) => `${sent_at} ${xid}`)).size).toBe(1);
  // As few as hold it: no two neighbours would have fitted into one.
  for (let i = 1; i < texts.length; i++) {
    const first = JSON.stringify(payloads[i].rows[0]).length;
    expect(Buffer.byteLength(texts[i - 1] ?? '') + first).toBeGreaterThan(LIMIT_BYTES - 400);
  }
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

test('more rows than the limit are the whole table, up to it each is told', async () => {
  await s.client.query('create table counted (id int primary key, n int)');
  await s.install('counted', { maxRows: 10 });
  const heard = [];
  for (const statement of [
    'insert into counted select g, 0 from generate_series(1, 10) as g',
    'insert into counted select g, 0 from generate_series(11, 21) as g',
    'update counted set n = 1',
    'update counted set n = 1 where id <= 10',
    'delete from counted',
  ]) {
    await s.client.query(statement);
    heard.push(...(await s.ear.heard()));
  }
  expect(heard.map(({ operation, rows }) => [operation, rows?.length])).toEqual([
    ['insert', 10],
    ['insert', undefined],
    ['update', undefined],
    ['update', 10],
    ['delete', undefined],
  ]);
});

test('the limit is 1000 rows where none is given', async () => {
  await s.client.query('create table thousands (id int primary key)');
  await s.install('thousands');
  await s.client.query('insert into thousands select generate_series(1, 1000)');
  const exact = await s.ear.heard();
  expect(exact.flatMap(({ rows }) => rows ?? [])).toHaveLength(1000);
  await s.client.query('insert into thousands select generate_series(1001, 2001)');
  expect((await s.ear.heard()).map(said)).toEqual([['insert', 'thousands']]);
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

test('one long row among short ones takes them all to the keys, never half of them', async () => {
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
  expect(update).toEqual(['update', 'mixed', [[['1']], [['2']], [['3']]]]);
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
