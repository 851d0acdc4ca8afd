import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogicalMessage } from '../../../src/index.js';
import { createFixture, type Fixture } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
});
afterEach(() => fixture.end());

const plain = (values: object | null | undefined) => values && { ...values };

describe('row images', () => {
  test('an unchanged TOAST value is absent from the image after, not null', async () => {
    await fixture.publish('create table t (id int primary key, big text, n int)', 't');
    await fixture.database.query('alter table t alter big set storage external');
    const { events } = await fixture.open();
    await fixture.database.query(`insert into t values (1, repeat('x', 100000), 0), (2, null, 0)`);
    await fixture.database.query('update t set n = 1');
    const [inserted, , kept, nothing] = await events();
    expect(inserted?.after).toMatchObject({ id: 1, n: 0, big: 'x'.repeat(100_000) });
    expect(plain(kept?.after)).toEqual({ id: 1, n: 1 });
    expect(plain(nothing?.after)).toEqual({ id: 2, n: 1, big: null });
    expect(kept?.before).toBeNull();
  });

  test('replica identity default tells no image before, and the key of a delete', async () => {
    await fixture.publish('create table t (id int primary key, x text)', 't');
    const { events } = await fixture.open();
    await fixture.database.query(`insert into t values (1, 'a'); update t set id = 2; delete from t`);
    const [inserted, updated, deleted] = await events();
    expect(plain(inserted?.after)).toEqual({ id: 1, x: 'a' });
    expect([plain(updated?.key), plain(updated?.previousKey)]).toEqual([{ id: 2 }, { id: 1 }]);
    expect([updated?.before, plain(updated?.after)]).toEqual([null, { id: 2, x: 'a' }]);
    expect([plain(deleted?.key), deleted?.before, deleted?.after]).toEqual([{ id: 2 }, null, null]);
  });

  test('replica identity full tells the image before, and what of the one after was not sent again', async () => {
    await fixture.publish('create table t (id int primary key, x text, big text)', 't');
    await fixture.database.query('alter table t alter big set storage external, replica identity full');
    const { events } = await fixture.open();
    const big = 'y'.repeat(50_000);
    await fixture.database.query(`insert into t values (1, 'a', $1)`, [big]);
    await fixture.database.query(`update t set x = 'b'`);
    await fixture.database.query('delete from t');
    const [, updated, deleted] = await events();
    expect(plain(updated?.before)).toEqual({ id: 1, x: 'a', big });
    expect(plain(updated?.after)).toEqual({ id: 1, x: 'b', big });
    expect([plain(updated?.key), updated?.previousKey]).toEqual([{ id: 1 }, null]);
    expect([plain(deleted?.key), plain(deleted?.before)]).toEqual([{ id: 1 }, { id: 1, x: 'b', big }]);
  });

  test('replica identity full without a primary key is told as the whole table, with its images', async () => {
    await fixture.publish('create table t (x int); alter table t replica identity full', 't');
    const { events } = await fixture.open();
    await fixture.database.query('insert into t values (1); update t set x = 2; delete from t');
    const images = (await events()).map(({ key, before, after }) => [key, before?.x, after?.x]);
    expect(images).toEqual([
      [null, undefined, 1],
      [null, 1, 2],
      [null, 2, undefined],
    ]);
  });

  test('replica identity by an index tells the key that the index has', async () => {
    await fixture.publish(
      `create table t (id int primary key, code text not null unique, region text not null);
       create unique index by_place on t (region, code);
       alter table t replica identity using index by_place`,
      't',
    );
    const { events, source } = await fixture.open();
    expect(source.watched.find('t')?.key.map(({ name }) => name)).toEqual(['region', 'code']);
    await fixture.database.query(
      `insert into t values (1, 'a', 'eu'); update t set region = 'us'; delete from t`,
    );
    expect((await events()).map(({ key, previousKey }) => [plain(key), plain(previousKey)])).toEqual([
      [{ region: 'eu', code: 'a' }, null],
      [
        { region: 'us', code: 'a' },
        { region: 'eu', code: 'a' },
      ],
      [{ region: 'us', code: 'a' }, null],
    ]);
  });

  test('replica identity nothing tells inserts', async () => {
    await fixture.publish('create table t (id int primary key); alter table t replica identity nothing', 't');
    const { told } = await fixture.open();
    await fixture.database.query('insert into t values (1); truncate t');
    expect(await told()).toEqual([
      { operation: 'insert', table: 't', key: { id: 1 } },
      { operation: 'truncate', table: 't', key: null },
    ]);
  });
});

describe('values', () => {
  test('are parsed by the types of the source', async () => {
    await fixture.publish('create table t (id int primary key, big bigint)', 't');
    const parsed = await fixture.open({
      types: { getTypeParser: (oid: number) => (text: string) => `${oid}:${text}` },
    });
    const plainly = await fixture.open();
    await fixture.database.query('insert into t values (1, 2)');
    expect(plain((await parsed.events())[0]?.after)).toEqual({ id: '23:1', big: '20:2' });
    expect(plain((await plainly.events())[0]?.after)).toEqual({ id: 1, big: '2' });
  });

  test('a parser that throws harms who looks at the value, and nobody else', async () => {
    await fixture.publish('create table t (id int primary key, x text)', 't');
    const recorded = await fixture.open({
      types: {
        getTypeParser: (oid: number) => (text: string) => {
          if (oid === 25) throw new Error('cannot parse');
          return Number(text);
        },
      },
    });
    recorded.source.on('change', ({ after }) => after);
    await fixture.database.query(`insert into t values (1, 'a')`);
    const [event] = await recorded.events();
    expect(event?.key).toMatchObject({ id: 1 });
    expect(() => event?.after).toThrow('cannot parse');
    expect(recorded.errors).toMatchObject([{ code: 'CALLBACK' }]);
    expect(recorded.states).toEqual(['connecting', 'live']);
  });

  test('can be looked at long after they came', async () => {
    await fixture.publish('create table t (id int primary key, x text)', 't');
    const { events } = await fixture.open();
    await fixture.database.query(
      `insert into t select g, repeat(g::text, 100) from generate_series(1, 500) g`,
    );
    const first = await events();
    // The socket's buffers are written over by what follows.
    await fixture.database.query(
      `insert into t select g, repeat('z', 400) from generate_series(501, 3000) g`,
    );
    await events();
    expect(first.map(({ after }) => after?.x)).toEqual(
      Array.from({ length: 500 }, (_, i) => String(i + 1).repeat(100)),
    );
  });
});

describe('truncate', () => {
  test('of several tables in one statement is told of each, in its transaction', async () => {
    await fixture.publish(
      'create table a (id int primary key); create table b (id int primary key); create table c (id int primary key)',
      'a',
      'b',
      'c',
    );
    const { toldTogether } = await fixture.open();
    await fixture.database.query(
      'begin; insert into a values (1); truncate a, c; insert into b values (1); commit',
    );
    expect(await toldTogether()).toEqual([
      [
        { operation: 'insert', table: 'a', key: { id: 1 } },
        { operation: 'truncate', table: 'a', key: null },
        { operation: 'truncate', table: 'c', key: null },
        { operation: 'insert', table: 'b', key: { id: 1 } },
      ],
    ]);
  });
});

describe('logical messages', () => {
  const listen = (source: { on(event: 'message', listener: (m: LogicalMessage) => void): () => void }) => {
    const heard: string[] = [];
    source.on('message', ({ prefix, content, transactional }) =>
      heard.push(`${prefix}:${content}:${transactional}`),
    );
    return heard;
  };

  test('of a transaction come with it, in order, and not if it is rolled back', async () => {
    await fixture.publish('create table t (id int primary key)', 't');
    const { source } = await fixture.open();
    const order: string[] = [];
    source.on('message', ({ content }) => order.push(content.toString()));
    source.on('change', ({ key }) => order.push(`row ${key?.id}`));
    const { database } = fixture;
    await database.query(`select pg_logical_emit_message(true, 'app', 'before')`);
    await database.query(
      `begin; insert into t values (1); select pg_logical_emit_message(true, 'app', 'with'); commit`,
    );
    await database.query(`begin; select pg_logical_emit_message(true, 'app', 'never'); rollback`);
    await database.query(`insert into t values (2)`);
    await source.caughtUp();
    expect(order).toEqual(['before', 'row 1', 'with', 'row 2']);
  });

  test('that are not of a transaction come though it is rolled back', async () => {
    await fixture.publish('create table t (id int primary key)', 't');
    const { source } = await fixture.open();
    const heard = listen(source);
    await fixture.database.query(`begin; select pg_logical_emit_message(false, 'app', 'now 😀'); rollback`);
    await source.caughtUp();
    expect(heard).toEqual(['app:now 😀:false']);
  });

  test("a source's messages to itself are nobody else's", async () => {
    await fixture.publish('create table t (id int primary key)', 't');
    const [one, other] = [await fixture.open(), await fixture.open()];
    const heard = [listen(one.source), listen(other.source)];
    await one.source.caughtUp();
    await other.source.caughtUp();
    await fixture.database.query(`select pg_logical_emit_message(true, 'pgcachewatch', 'not a mark')`);
    await one.source.caughtUp();
    expect(heard).toEqual([[], []]);
  });
});
