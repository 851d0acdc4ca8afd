import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Recorded, record } from './record.js';
import type { SourceKind } from './source-kind.js';

const SQL = `
  create table a (id int primary key, x int);
  create table b (id int primary key, x int);
`;

/** Transactions: whole, in order, seen only when they can be read, and only if they were committed. */
export function describeTransactions(kind: SourceKind): void {
  describe(`transactions told by ${kind.name}`, () => {
    let database: TestDatabase;
    let recorded: Recorded;

    beforeEach(async () => {
      database = await createDatabase();
      recorded = await record(kind, database, { sql: SQL, tables: ['a', 'b'] });
    });
    afterEach(async () => {
      await recorded.source.close();
      await database.drop();
    });

    test('what is rolled back is not told', async () => {
      await database.query('begin; insert into a values (1, 1); rollback');
      await database.query('insert into b values (2, 2)');
      expect(await recorded.told()).toEqual([{ operation: 'insert', table: 'b', key: { id: 2 } }]);
    });

    test('of a savepoint that is rolled back, nothing is told; of one released, everything', async () => {
      await database.query(`
        begin;
        insert into a values (1, 1);
        savepoint s; insert into a values (2, 2); rollback to s;
        savepoint t; insert into a values (3, 3); release t;
        commit`);
      expect((await recorded.toldTogether()).map((changes) => changes.map(({ key }) => key?.id))).toEqual([
        [1, 3],
      ]);
    });

    test('changes of two tables in one transaction are told as one, in the order of the writes', async () => {
      await database.query(
        'begin; insert into b values (1, 0); insert into a values (1, 0); update b set x = 1; commit',
      );
      const together = await recorded.toldTogether();
      expect(
        together.map((changes) => changes.map(({ operation, table }) => `${operation} ${table}`)),
      ).toEqual([['insert b', 'insert a', 'update b']]);
    });

    test('a long transaction of many statements is told as one', async () => {
      const writer = await database.client();
      await writer.query('begin');
      for (let i = 0; i < 400; i++) {
        await writer.query(
          `insert into ${i % 2 ? 'a' : 'b'} select ${i} * 100 + g, 0 from generate_series(0, 3) g`,
        );
      }
      await writer.query('commit');
      await recorded.source.caughtUp();
      expect(recorded.transactions.map(({ changes }) => [...changes].length)).toEqual([1600]);
    });

    test('transactions of many writers are each told once, whole, and in an order that each writer had', async () => {
      const writers = await Promise.all(Array.from({ length: 8 }, () => database.client()));
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let i = 0; i < 40; i++) {
            const id = w * 1000 + i;
            await writer.query('begin');
            await writer.query('insert into a values ($1, $2)', [id, w]);
            await writer.query('insert into b values ($1, $2)', [id, w]);
            await writer.query('commit');
          }
        }),
      );
      const together = await recorded.toldTogether();
      const ids = together.map((changes) => changes.map(({ key }) => Number(key?.id)));
      expect(ids.every((changed) => changed.length === 2 && changed[0] === changed[1])).toBe(true);
      for (let w = 0; w < 8; w++) {
        const ofWriter = ids.map(([id]) => id ?? -1).filter((id) => Math.floor(id / 1000) === w);
        expect(ofWriter).toEqual(Array.from({ length: 40 }, (_, i) => w * 1000 + i));
      }
    });

    test('a change can be read by the time it is told', async () => {
      const reader = await database.client();
      await database.query('insert into a select g, 0 from generate_series(1, 4) g');
      await recorded.told();
      const reads: Promise<boolean>[] = [];
      recorded.source.on('change', ({ key, transaction }) => {
        const read = reader.query('select x, xmin::text::int as xmin from a where id = $1', [key?.id]);
        reads.push(read.then(({ rows }) => rows[0].x > 0 && rows[0].xmin >= (transaction.xid ?? 0)));
      });
      const writers = await Promise.all([1, 2, 3, 4].map(() => database.client()));
      await Promise.all(
        writers.map(async (writer, w) => {
          for (let i = 1; i <= 100; i++) await writer.query('update a set x = $1 where id = $2', [i, w + 1]);
        }),
      );
      await recorded.source.caughtUp();
      expect(reads.length).toBe(400);
      expect((await Promise.all(reads)).filter((fresh) => !fresh)).toEqual([]);
    });

    test('caughtUp sees a write that another connection made just before', async () => {
      const writer = await database.client();
      for (let i = 0; i < 50; i++) {
        await writer.query('insert into a values ($1, 0)', [i]);
        expect(await recorded.told()).toEqual([{ operation: 'insert', table: 'a', key: { id: i } }]);
      }
    });

    test('caughtUp resolves though nothing has changed, and stops waiting when told to', async () => {
      await recorded.source.caughtUp();
      await expect(
        recorded.source.caughtUp({ signal: AbortSignal.abort(new Error('enough')) }),
      ).rejects.toThrow('enough');
    });

    test('caughtUp sees a write made with synchronous_commit off', async () => {
      await database.query('set synchronous_commit = off');
      await database.query('insert into a values (1, 0)');
      expect(await recorded.told()).toHaveLength(1);
    });
  });
}
