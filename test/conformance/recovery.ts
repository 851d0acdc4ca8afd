import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { type CachedFunction, cache, row } from '../../src/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Recorded, record } from './record.js';
import type { SourceKind } from './source-kind.js';

const serverPackage = inject('serverPackage');
const SQL = 'create table t (id int primary key, x int); insert into t values (1, 0)';

/** What happens when the connection is lost: a gap, then live, and no stale read after. */
export function describeRecovery(kind: SourceKind): void {
  /** The reasons of the gaps after so many losses of the connection. */
  const gapsAfter = (losses: number): string[] =>
    kind.resumes ? [] : Array.from({ length: losses }, () => 'reconnected');
  describe(`recovery of ${kind.name}`, () => {
    let database: TestDatabase;
    let recorded: Recorded;
    let getX: CachedFunction<[id: number], number>;

    const prepare = async (serverUrl?: string) => {
      database = await createDatabase(serverUrl);
      recorded = await record(kind, database, { sql: SQL, tables: ['t'] });
      getX = cache(
        async (id: number): Promise<number> => {
          const reader = await database.client();
          const { rows } = await reader.query('select x from t where id = $1', [id]);
          await reader.end();
          return rows[0].x;
        },
        { source: recorded.source, dependsOn: (id) => [row('t', { id })] },
      );
    };
    const nextState = (wanted: string) =>
      new Promise<void>((resolve) => {
        const off = recorded.source.on('state', (state) => {
          if (state !== wanted) return;
          off();
          resolve();
        });
      });
    /** It may be live again by now: then a cache that has stayed warm hears of a change, as ever, a little later. */
    const warmCachesCaughtUp = async () => {
      if (kind.resumes) await recorded.source.caughtUp();
    };
    const killBackend = async () => {
      const { rows } = await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'pgcachewatch%'`,
      );
      expect(rows.length).toBeGreaterThan(0);
    };

    describe('on a server that goes on', () => {
      beforeEach(() => prepare());
      afterEach(async () => {
        await recorded.source.close();
        await database.drop();
      });

      test(`a killed backend is ${kind.resumes ? 'no' : 'a'} gap, then live, and nothing stale is served`, async () => {
        expect(await getX(1)).toBe(0);
        const live = nextState('live');
        const interrupted = nextState('interrupted');
        await killBackend();
        await interrupted;
        await database.query('update t set x = 1');
        await warmCachesCaughtUp();
        expect(await getX(1)).toBe(1);
        await live;
        expect(recorded.states).toEqual(['connecting', 'live', 'interrupted', 'live']);
        expect(recorded.gaps.map(({ reason }) => reason)).toEqual(gapsAfter(1));
        expect(await getX(1)).toBe(1);
        await database.query('update t set x = 2');
        await recorded.source.caughtUp();
        expect(await getX(1)).toBe(2);
      });

      test.runIf(kind.resumes)('caches stay warm, but for what has changed meanwhile', async () => {
        await database.query('insert into t values (2, 0)');
        await recorded.source.caughtUp();
        await Promise.all([getX(1), getX(2)]);
        const interrupted = nextState('interrupted');
        const live = nextState('live');
        await killBackend();
        await interrupted;
        await database.query('update t set x = 7 where id = 2');
        await live;
        const loads = getX.statistics.misses;
        expect([await getX(1), await getX(2)]).toEqual([0, 7]);
        expect(getX.statistics.misses).toBe(loads + 1);
      });

      test.skipIf(kind.resumes)(
        'the caches are empty when the gap is announced, and nothing is kept before live',
        async () => {
          await getX(1);
          const seen: unknown[] = [];
          recorded.source.on('gap', () => seen.push('gap', getX.statistics.entries, recorded.source.state));
          const live = nextState('live');
          await killBackend();
          await live;
          expect(seen).toEqual(['gap', 0, 'interrupted']);
        },
      );

      test.skipIf(kind.resumes)(
        'a source that is closed by whoever hears of the gap stays closed',
        async () => {
          const closing = new Promise<void>((resolve) => {
            recorded.source.on('gap', () => resolve(recorded.source.close()));
          });
          await killBackend();
          await closing;
          expect(recorded.states).toEqual(['connecting', 'live', 'interrupted', 'closed']);
          expect(recorded.source.state).toBe('closed');
          await expect(recorded.source.start()).rejects.toMatchObject({ code: 'STATE' });
        },
      );

      test.skipIf(kind.resumes)('a load that was under way across a gap is not kept', async () => {
        let finish: (x: number) => void = () => {};
        const slow = cache((_id: number) => new Promise<number>((resolve) => (finish = resolve)), {
          source: recorded.source,
          dependsOn: ['t'],
        });
        const before = slow(1);
        const finishBefore = finish;
        const live = nextState('live');
        await killBackend();
        await live;
        finishBefore(41);
        expect(await before).toBe(41);
        const after = slow(1);
        finish(42);
        expect(await after).toBe(42);
      });

      test('caughtUp during an interruption resolves once live again', async () => {
        const interrupted = nextState('interrupted');
        await killBackend();
        await interrupted;
        await recorded.source.caughtUp();
        expect(recorded.source.state).toBe('live');
      });

      test.skipIf(kind.resumes)('an iteration is told of every watched table after a gap', async () => {
        const iterator = recorded.source[Symbol.asyncIterator]();
        const live = nextState('live');
        await killBackend();
        await live;
        expect((await iterator.next()).value).toMatchObject({ table: 't', key: null });
      });

      test('a source survives being killed again and again', async () => {
        for (let i = 1; i <= 5; i++) {
          const live = nextState('live');
          await killBackend();
          await live;
          await database.query('update t set x = $1', [i]);
          await recorded.source.caughtUp();
          expect(await getX(1)).toBe(i);
        }
        expect(recorded.gaps.map(({ reason }) => reason)).toEqual(gapsAfter(5));
      });
    });

    // Restarting a server that others use would fail their tests, so this one has its own.
    test.skipIf(serverPackage === null).each(['fast', 'immediate'] as const)(
      `a server restart (%s) is ${kind.resumes ? 'no' : 'a'} gap, then live, and nothing stale is served`,
      { timeout: 60_000 },
      async (mode) => {
        const server = await startEmbeddedServer({ packageName: serverPackage ?? '' });
        try {
          await prepare(server.url);
          expect(await getX(1)).toBe(0);
          const live = nextState('live');
          await server.restart(mode);
          const writer = await database.client();
          await writer.query('update t set x = 1');
          await warmCachesCaughtUp();
          expect(await getX(1)).toBe(1);
          await live;
          await recorded.source.caughtUp();
          expect(await getX(1)).toBe(1);
          const reasons = recorded.gaps.map(({ reason }) => reason);
          expect([...new Set(reasons)]).toEqual(gapsAfter(1));
        } finally {
          await recorded.source.close();
          await server.stop();
        }
      },
    );
  });
}
