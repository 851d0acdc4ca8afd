import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ChangeEvent, type ChangeSource, createSource } from '../../src/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { record } from './record.js';
import type { SourceKind } from './source-kind.js';

/** Starting, ending, listening, iterating: the contract apart from what a change looks like. */
export function describeLifecycle(kind: SourceKind): void {
  describe(`the contract of ${kind.name}`, () => {
    let database: TestDatabase;
    const sources: ChangeSource[] = [];
    const make = (options: Parameters<typeof createSource>[0] = {}): ChangeSource => {
      const source = createSource({
        ...kind.options,
        ...kind.optionsFor?.(database),
        connection: database.url,
        ...options,
      });
      sources.push(source);
      return source;
    };

    beforeEach(async () => {
      database = await createDatabase();
      await database.query('create table t (id int primary key); create table u (id int primary key)');
    });
    afterEach(async () => {
      await Promise.all(sources.splice(0).map((source) => source.close()));
      await database.drop();
    });

    test('states go from idle over connecting to live, and end closed', async () => {
      await kind.install(database, ['t']);
      const source = make();
      const states = [source.state];
      source.on('state', (state) => states.push(state));
      const starting = source.start();
      expect(source.start()).toBe(starting);
      await starting;
      await source.close();
      await source.close();
      expect(states).toEqual(['idle', 'connecting', 'live', 'closed']);
      await expect(source.start()).rejects.toMatchObject({ code: 'STATE' });
      await expect(source.caughtUp()).rejects.toMatchObject({ code: 'STATE' });
    });

    test('without tables, everything installed is watched', async () => {
      await kind.install(database, ['t', 'u']);
      const source = make();
      await source.start();
      expect([...source.watched].map(({ table }) => table).sort()).toEqual(['t', 'u']);
      expect(source.watched.find('t')?.key.map(({ name }) => name)).toEqual(['id']);
    });

    test('starting is refused, with the remedy, for a table that is not installed', async () => {
      await kind.install(database, ['t']);
      await expect(make({ tables: ['t', 'u'] }).start()).rejects.toMatchObject({
        code: expect.stringMatching(/^(NOT_WATCHED|NO_MODE)$/),
        message: expect.stringMatching(/"u"/),
        remedy: expect.stringContaining('pgcachewatch install'),
      });
      await expect(make({ tables: ['nope'] }).start()).rejects.toMatchObject({ code: 'NO_SUCH_TABLE' });
    });

    test('starting is refused where nothing is installed', async () => {
      await expect(make().start()).rejects.toMatchObject({
        code: expect.stringMatching(/^(NOT_WATCHED|NO_PUBLICATION|NO_MODE)$/),
        remedy: expect.stringContaining('pgcachewatch install'),
      });
    });

    test('starting is refused for a wrong password and for a database that is not there', async () => {
      const wrong = new URL(database.url);
      wrong.password = 'wr0ng-secret';
      const refused = make({ connection: wrong.href }).start();
      await expect(refused).rejects.toMatchObject({ code: 'CONNECTION', sqlState: '28P01' });
      await expect(refused).rejects.not.toThrow(/wr0ng-secret/);
      const absent = new URL(database.url);
      absent.pathname = '/no_such_database';
      await expect(make({ connection: absent.href }).start()).rejects.toMatchObject({ sqlState: '3D000' });
    });

    test('a source can be closed while it is connecting to a server that is not there', async () => {
      const source = make({ connection: 'postgres://nobody@127.0.0.1:1/none' });
      const starting = source.start();
      const refused = expect(starting).rejects.toMatchObject({ code: 'STATE' });
      await new Promise<void>((resolve) => source.on('error', () => resolve()));
      await source.close();
      await refused;
      expect(source.state).toBe('closed');
    });

    test('`await using` closes it, and its connections are gone', async () => {
      await kind.install(database, ['t']);
      {
        await using source = make();
        await source.start();
      }
      await until(async () => {
        const { rows } = await database.query(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name like 'pgcachewatch%'`,
        );
        return rows[0].n === 0;
      }, 'the connections of the source to be gone');
    });

    test('a listener that throws is reported, and disturbs nobody', async () => {
      const recorded = await record(kind, database, { tables: ['t'] });
      sources.push(recorded.source);
      const heard: string[] = [];
      recorded.source.on('change', () => {
        throw new Error('from the listener');
      });
      const off = recorded.source.on('change', ({ operation }) => heard.push(operation));
      await database.query('insert into t values (1)');
      expect(await recorded.told()).toHaveLength(1);
      expect(heard).toEqual(['insert']);
      expect(recorded.errors).toMatchObject([{ code: 'CALLBACK' }]);
      off();
      await database.query('delete from t');
      await recorded.told();
      expect(heard).toEqual(['insert']);
    });

    test('iterating gives every change in order, and ends when the source is closed', async () => {
      const { source } = await record(kind, database, { tables: ['t'] });
      sources.push(source);
      const iterator = source[Symbol.asyncIterator]();
      const first = iterator.next();
      await database.query('insert into t values (1)');
      await database.query('insert into t values (2)');
      expect((await first).value?.key).toMatchObject({ id: 1 });
      expect((await iterator.next()).value?.key).toMatchObject({ id: 2 });
      const waiting = iterator.next();
      await source.close();
      expect(await waiting).toEqual({ done: true, value: undefined });
    });

    test('a reader who is too slow is told of the whole table instead, by each operation', async () => {
      const { source, told } = await record(
        kind,
        database,
        { tables: ['t', 'u'] },
        { maxBufferedChanges: 10 },
      );
      sources.push(source);
      const iterator = source[Symbol.asyncIterator]();
      await database.query('insert into u values (1)');
      await database.query('insert into t select generate_series(1, 50)');
      await database.query('delete from t where id = 7');
      await told();
      const changes: (ChangeEvent | undefined)[] = [];
      while (changes.length < 3) changes.push((await iterator.next()).value);
      expect(changes.map((change) => [change?.operation, change?.table, change?.key])).toEqual([
        ['insert', 'u', null],
        ['insert', 't', null],
        ['delete', 't', null],
      ]);
      await database.query('insert into t values (99)');
      expect((await iterator.next()).value?.key).toMatchObject({ id: 99 });
    });
  });
}
