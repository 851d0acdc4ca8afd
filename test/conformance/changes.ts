import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Recorded, record } from './record.js';
import type { SourceKind } from './source-kind.js';

const TREE = `
  create table readings (id bigint, day date, region text, value int, primary key (id, day, region))
    partition by range (day);
  create table readings_2025 partition of readings for values from ('2025-01-01') to ('2026-01-01');
  create table readings_2026 partition of readings for values from ('2026-01-01') to ('2027-01-01')
    partition by list (region);
  create table readings_2026_eu partition of readings_2026 for values in ('eu');
  create table readings_2026_us partition of readings_2026 for values in ('us');
`;

/** What each kind of change is told as. */
export function describeChanges(kind: SourceKind): void {
  describe(`changes told by ${kind.name}`, () => {
    let database: TestDatabase;
    let recorded: Recorded | undefined;

    beforeEach(async () => {
      database = await createDatabase();
    });
    afterEach(async () => {
      await recorded?.source.close();
      recorded = undefined;
      await database.drop();
    });
    const watch = async (sql: string, ...tables: string[]): Promise<Recorded> => {
      recorded = await record(kind, database, { sql, tables });
      return recorded;
    };

    test('an insert, an update and a delete are told with the key', async () => {
      const { told } = await watch('create table t (id int primary key, x text)', 't');
      await database.query(`insert into t values (1, 'a')`);
      await database.query(`update t set x = 'b'`);
      await database.query('delete from t');
      expect(await told()).toEqual([
        { operation: 'insert', table: 't', key: { id: 1 } },
        { operation: 'update', table: 't', key: { id: 1 } },
        { operation: 'delete', table: 't', key: { id: 1 } },
      ]);
    });

    test('an event carries its transaction, its times and its origin', async () => {
      const { events, source } = await watch('create table t (id int primary key)', 't');
      const { rows } = await database.query(
        `with i as (insert into t values (1)) select pg_current_xact_id()::text::int8::int as xid`,
      );
      const [event] = await events();
      expect(event).toMatchObject({ schema: 'public', origin: source.mode });
      expect(event?.transaction.xid).toBe(rows[0].xid);
      expect(event?.latencyMs).toBe((event?.receivedAt.getTime() ?? 0) - (event?.sentAt.getTime() ?? 0));
      expect(Math.abs(event?.latencyMs ?? Number.NaN)).toBeLessThan(20_000);
    });

    test('keys of every exact type have the value that pg returns, and the text that Postgres has', async () => {
      const { events } = await watch(
        `create type mood as enum ('glad', 'sad');
         create table t (big bigint, id uuid, name text, flag boolean, feeling mood, small smallint,
           primary key (big, id, name, flag, feeling, small))`,
        't',
      );
      await database.query(
        `insert into t values (9223372036854775807, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
           E'it''s "quoted" \\\\ \\n 😀 {[', true, 'sad', -3)`,
      );
      const [event] = await events();
      const { rows } = await database.query('select big, id, name, flag, feeling, small from t');
      expect({ ...event?.key }).toEqual(rows[0]);
      const texts = Object.keys(rows[0]).map((column) => [column, event?.textAfter(column)]);
      expect(Object.fromEntries(texts)).toEqual({ ...rows[0], flag: 't', small: '-3' });
      expect(event?.textBefore('id')).toBeUndefined();
    });

    test('an update of the key tells the key before as well', async () => {
      const { told } = await watch('create table t (a int, b text, primary key (a, b))', 't');
      await database.query(`insert into t values (1, 'x'), (2, 'y'), (3, 'z')`);
      await database.query(`update t set a = a + 10 where a <> 2`);
      const changes = await told();
      expect(changes.slice(3)).toEqual([
        { operation: 'update', table: 't', key: { a: 11, b: 'x' }, previousKey: { a: 1, b: 'x' } },
        { operation: 'update', table: 't', key: { a: 13, b: 'z' }, previousKey: { a: 3, b: 'z' } },
      ]);
    });

    test('a table without a key changes as a whole', async () => {
      const { told } = await watch('create table t (x int)', 't');
      await database.query('insert into t values (1)');
      expect(await told()).toEqual([{ operation: 'insert', table: 't', key: null }]);
    });

    test('a truncate is told of every table that it emptied', async () => {
      const { told } = await watch(
        'create table a (id int primary key); create table b (id int primary key references a)',
        'a',
        'b',
      );
      await database.query('truncate a cascade');
      const changes = await told();
      expect(changes.sort((x, y) => x.table.localeCompare(y.table))).toEqual([
        { operation: 'truncate', table: 'a', key: null },
        { operation: 'truncate', table: 'b', key: null },
      ]);
    });

    test('what is done to a partition, through its root or directly, is told of the root', async () => {
      const { told } = await watch(TREE, 'readings');
      const key = { id: '1', day: expect.any(Date), region: 'eu' };
      await database.query(`insert into readings values (1, '2026-03-01', 'eu', 0)`);
      await database.query('update readings_2026 set value = 1');
      await database.query('update readings_2026_eu set value = 2');
      await database.query('delete from readings');
      expect(await told()).toEqual([
        { operation: 'insert', table: 'readings', key },
        { operation: 'update', table: 'readings', key },
        { operation: 'update', table: 'readings', key },
        { operation: 'delete', table: 'readings', key },
      ]);
    });

    test('a truncate of one partition is told of the root', async () => {
      const { told } = await watch(TREE, 'readings');
      await database.query('truncate readings_2026_us');
      await database.query('truncate readings_2025');
      expect(new Set((await told()).map(({ operation, table }) => `${operation} ${table}`))).toEqual(
        new Set(['truncate readings']),
      );
    });

    test('a row that moves to another partition concerns the key before and the key after', async () => {
      const { events } = await watch(TREE, 'readings');
      await database.query(`insert into readings values (1, '2026-03-01', 'eu', 0)`);
      await events();
      await database.query(`update readings set region = 'us'`);
      const regions = new Set(
        (await events()).flatMap((change) => [change.textBefore('region'), change.textAfter('region')]),
      );
      expect(regions).toContain('eu');
      expect(regions).toContain('us');
    });

    test('a statement that touches no row is silent', async () => {
      const { told } = await watch('create table t (id int primary key)', 't');
      await database.query('update t set id = 1');
      await database.query('delete from t');
      await database.query('insert into t select 1 where false');
      expect(await told()).toEqual([]);
    });

    test('a statement over many rows is told row by row', async () => {
      const { events } = await watch('create table t (id int primary key)', 't');
      await database.query('insert into t select generate_series(1, 900)');
      const changes = await events();
      expect(changes.map(({ key }) => key?.id)).toEqual(Array.from({ length: 900 }, (_, i) => i + 1));
    });

    test('a transaction over the limit is told as a change of the whole table, of each operation', async () => {
      recorded = await record(
        kind,
        database,
        {
          sql: 'create table t (id int primary key); create table u (id int primary key)',
          tables: ['t', 'u'],
        },
        { maxChangesPerTransaction: 100 },
      );
      await database.query(`begin`);
      for (let i = 0; i < 12; i++) {
        await database.query(`insert into t select generate_series(${i * 10}, ${i * 10 + 9})`);
        // Whoever minds deletes alone must hear of it all the same.
        if (i === 5) await database.query('delete from t where id = 7');
      }
      await database.query('insert into u values (1)');
      await database.query('commit');
      const changes = await recorded.told();
      expect(changes).toEqual([
        { operation: 'insert', table: 't', key: null },
        { operation: 'delete', table: 't', key: null },
        { operation: 'insert', table: 'u', key: { id: 1 } },
      ]);
    });

    test('odd names are told as they stand in the catalog', async () => {
      const { told } = await watch(
        `create schema "Weird ""Schema"; create schema "select"; create schema "ünï";
         create table "Weird ""Schema"."Weird ""Name" ("The ""Key" int primary key);
         create table "select"."select" ("select" int primary key);
         create table "ünï"."ünï" ("ünï" int primary key)`,
        '"Weird ""Schema"."Weird ""Name"',
        '"select"."select"',
        'ünï.ÜNÏ'.toLowerCase(),
      );
      await database.query(`insert into "Weird ""Schema"."Weird ""Name" values (1)`);
      await database.query(`insert into "select"."select" values (2)`);
      await database.query(`insert into "ünï"."ünï" values (3)`);
      expect(await told()).toEqual([
        { operation: 'insert', table: 'Weird "Schema.Weird "Name', key: { 'The "Key': 1 } },
        { operation: 'insert', table: 'select.select', key: { select: 2 } },
        { operation: 'insert', table: 'ünï.ünï', key: { ünï: 3 } },
      ]);
    });

    test('a row of 1 MB is written, and told by its key', async () => {
      const { told } = await watch('create table t (id int primary key, x text)', 't');
      await database.query(`insert into t values (1, repeat('x', 1048576))`);
      await database.query(`update t set x = x || 'y'`);
      expect(await told()).toEqual([
        { operation: 'insert', table: 't', key: { id: 1 } },
        { operation: 'update', table: 't', key: { id: 1 } },
      ]);
    });

    test('tables that are not asked for are not told of', async () => {
      await database.query('create table t (id int primary key); create table other (id int primary key)');
      await kind.install(database, ['t', 'other']);
      recorded = await record(kind, database, { tables: ['t'] });
      await database.query('insert into other values (1); insert into t values (1)');
      expect(await recorded.told()).toEqual([{ operation: 'insert', table: 't', key: { id: 1 } }]);
    });
  });
}
