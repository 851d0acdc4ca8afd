import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CachedFunction, type ChangeSource, cache, row, table } from '../../../src/index.js';
import { createFixture, type Fixture } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
});
afterEach(() => fixture.end());

const plain = (values: object | null | undefined) => values && { ...values };
const nextGap = (source: ChangeSource) => new Promise((resolve) => source.on('gap', resolve));

/** A function that caches the first column of the first row of a query. */
function cachedQuery(source: ChangeSource, text: string, dependsOn: string): CachedFunction<[], unknown> {
  return cache(
    async () => {
      const { rows } = await fixture.database.query(text);
      return Object.values(rows[0] ?? {})[0];
    },
    { source, dependsOn: [table(dependsOn)] },
  );
}

const PARTITIONED = `
  create table p (id int primary key, x int) partition by range (id);
  create table p0 partition of p for values from (0) to (10);`;

test('a partition that is truncated is told of its root', async () => {
  await fixture.publish(PARTITIONED, 'p');
  const { told } = await fixture.open();
  await fixture.database.query('truncate p0');
  expect(await told()).toEqual([{ operation: 'truncate', table: 'p', key: null }]);
});

test('a partition that is created and filled in one transaction is told of its root', async () => {
  await fixture.publish(PARTITIONED, 'p');
  const { told } = await fixture.open();
  const { database } = fixture;
  await database.query(
    'begin; create table p1 partition of p for values from (10) to (20); insert into p values (11, 0); commit',
  );
  expect(await told()).toEqual([{ operation: 'insert', table: 'p', key: null }]);
  await database.query('insert into p values (12, 0)');
  await database.query('update p1 set x = 1 where id = 11');
  expect(await told()).toEqual([
    { operation: 'insert', table: 'p', key: { id: 12 } },
    { operation: 'update', table: 'p', key: { id: 11 } },
  ]);
});

test('a table that is attached as a partition is told of the root from then on', async () => {
  await fixture.publish(`${PARTITIONED} create table other (x int, id int primary key);`, 'p', 'other');
  const { told, source } = await fixture.open({ tables: ['p'] });
  const { database } = fixture;
  await database.query('insert into other values (0, 10)');
  expect(await told()).toEqual([]);
  const count = cachedQuery(source, 'select count(*)::int from p', 'p');
  expect(await count()).toBe(0);
  await database.query(
    'begin; alter table p attach partition other for values from (10) to (20); insert into p values (11, 0); commit',
  );
  await source.caughtUp();
  expect(await count()).toBe(2);
  await database.query('insert into other values (0, 12)');
  expect((await told()).at(-1)).toEqual({ operation: 'insert', table: 'p', key: { id: 12 } });
  expect(await count()).toBe(3);
});

test('columns that are added, dropped and altered are told as they are at the time of the change', async () => {
  await fixture.publish('create table t (id int primary key, x int, y text)', 't');
  const { events } = await fixture.open();
  const { database } = fixture;
  await database.query(`insert into t values (1, 1, 'a')`);
  await database.query('alter table t add z text');
  await database.query(`insert into t values (2, 2, 'b', 'new')`);
  await database.query('alter table t drop x');
  await database.query(`insert into t values (3, 'c', 'newer')`);
  await database.query('alter table t alter z type int using 7');
  await database.query('update t set z = z + 1 where id = 3');
  expect((await events()).map(({ after }) => plain(after))).toEqual([
    { id: 1, x: 1, y: 'a' },
    { id: 2, x: 2, y: 'b', z: 'new' },
    { id: 3, y: 'c', z: 'newer' },
    { id: 3, y: 'c', z: 8 },
  ]);
});

test('a table that is renamed is told by its new name, after a gap', async () => {
  await fixture.publish('create table t (id int primary key, x int)', 't');
  const { told, source, gaps } = await fixture.open();
  const { database } = fixture;
  await database.query('insert into t values (1, 0)');
  await told();
  await database.query('alter table t rename to renamed');
  await database.query('update renamed set x = 1');
  expect(await told()).toEqual([{ operation: 'update', table: 'renamed', key: { id: 1 } }]);
  expect(gaps).toMatchObject([{ reason: 'unwatched' }]);
  expect(source.watched.find('renamed')).toBeDefined();
});

test('a key whose type changes is told by the value that it has now', async () => {
  await fixture.publish('create table t (id int primary key)', 't');
  const { events } = await fixture.open();
  const { database } = fixture;
  await database.query('insert into t values (1)');
  await database.query('alter table t alter id type text');
  await database.query(`insert into t values ('two')`);
  const told = await events();
  expect(told.map(({ key }) => key?.id)).toEqual([1, 'two']);
});

test('a table that is dropped disturbs nobody; what depends on it is no longer kept', async () => {
  await fixture.publish('create table t (id int primary key); create table u (id int primary key)', 't', 'u');
  const { told, source, states } = await fixture.open({ silenceLimitMs: 300 });
  const gap = nextGap(source);
  await fixture.database.query(
    'begin; insert into t values (1); drop table t; insert into u values (1); commit',
  );
  expect((await told()).at(-1)).toEqual({ operation: 'insert', table: 'u', key: { id: 1 } });
  expect(await gap).toMatchObject({ reason: 'unwatched' });
  expect([...source.watched].map(({ table }) => table)).toEqual(['u']);
  expect(states).toEqual(['connecting', 'live']);
});

test('a primary key that is replaced never leaves a stale value behind', async () => {
  await fixture.publish('create table t (id int primary key, code int not null, x int)', 't');
  const { database } = fixture;
  const { source } = await fixture.open();
  await database.query('insert into t values (1, 100, 0), (100, 1, 0)');
  await source.caughtUp();
  const byId = cache(
    async (id: number) => (await database.query('select x from t where id = $1', [id])).rows[0]?.x,
    { source, dependsOn: (id) => [row('t', { id })] },
  );
  const check = async (x: number) => {
    await source.caughtUp();
    expect([await byId(1), await byId(100)]).toEqual([x, x]);
  };
  await check(0);
  await database.query('alter table t drop constraint t_pkey, add primary key (code)');
  await database.query('update t set x = 1');
  await check(1);
  // Whatever it depends on by now, another update is seen as well.
  await database.query('update t set x = 2');
  await check(2);
  await database.query('alter table t drop constraint t_pkey, add primary key (id)');
  await database.query('update t set x = 3');
  await check(3);
  await database.query('update t set x = 4');
  await check(4);
});

test('a table that joins the publication while streaming is told of from its first change on', async () => {
  await fixture.publish('create table t (id int primary key); create table u (id int primary key)', 't');
  const { told, gaps } = await fixture.open();
  await fixture.publish('select', 'u');
  await fixture.database.query('insert into u values (1)');
  expect(await told()).toEqual([{ operation: 'insert', table: 'u', key: null }]);
  expect(gaps).toMatchObject([{ reason: 'unwatched' }]);
  await fixture.database.query('insert into u values (2)');
  expect(await told()).toEqual([{ operation: 'insert', table: 'u', key: { id: 2 } }]);
});

test('a table that left the publication for a while is a gap, though nothing else shows it', async () => {
  await fixture.publish('create table t (id int primary key, x int); insert into t values (1, 0)', 't');
  const { database } = fixture;
  const { source } = await fixture.open({ silenceLimitMs: 300 });
  const x = cachedQuery(source, 'select x from t', 't');
  expect(await x()).toBe(0);
  const gap = nextGap(source);
  await database.query('alter publication pgcachewatch drop table t');
  await database.query('update t set x = 1');
  await database.query('alter publication pgcachewatch add table t');
  expect(await gap).toMatchObject({ reason: 'unwatched' });
  expect(await x()).toBe(1);
});

test.each([
  ['a domain over another type', `lettered using lpad(id::int::text, 3, '0')`, '007'],
  ['a domain over a domain', `lettered_again using lpad(id::int::text, 3, '0')`, '007'],
  ['the type beneath it', `text using lpad(id::int::text, 3, '0')`, '007'],
  ['an enum', `code using lpad(id::int::text, 3, '0')::code`, '007'],
])('a key whose domain is altered to %s is matched as it is now', async (_, after, id) => {
  await fixture.publish(
    `create domain numbered as int; create domain lettered as text; create domain lettered_again as lettered;
     create type code as enum ('007'); create table t (id numbered primary key, x int); insert into t values (7, 0)`,
    't',
  );
  const { database } = fixture;
  // No catalog check comes in between: what tells is that the stream describes the table, for the first time.
  const { source } = await fixture.open({ silenceLimitMs: 60_000 });
  await database.query(`alter table t alter id type ${after}`);
  const byId = cache(
    async () => (await database.query('select x from t where id::text = $1', [id])).rows[0]?.x,
    { source, dependsOn: () => [row('t', { id })] },
  );
  expect(await byId()).toBe(0);
  await database.query('update t set x = 1');
  await source.caughtUp();
  expect(await byId()).toBe(1);
  await database.query('update t set x = 2');
  await source.caughtUp();
  expect(await byId()).toBe(2);
});

test('a column of a domain over a domain is parsed as a query returns it', async () => {
  await fixture.publish(
    `create domain number as int; create domain percent as number; create domain percents as percent[];
     create table t (id percent primary key, all_of_them percents)`,
    't',
  );
  const { events } = await fixture.open();
  await fixture.database.query(`insert into t values (7, '{1,2}')`);
  const { rows } = await fixture.database.query('select * from t');
  expect(plain((await events())[0]?.after)).toEqual(rows[0]);
});
