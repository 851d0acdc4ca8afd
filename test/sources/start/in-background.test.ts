import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cache, cacheMany, type LoadContext, row, type SourceOptions } from '../../../src/index.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { startProxy } from '../../support/proxy.js';
import { nextState } from '../replication/fixture.js';
import { install, MODES, NO_SERVER, prepare, Sources } from './support.js';

vi.mock('../../../src/sources/backoff.js', () => ({ backoffMs: () => 50 }));

const sources = new Sources();
let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await sources.close();
  await database.drop();
});

/** Caches of every kind of dependency over a source, and what calls to them give. */
const cachesOver = (source: ReturnType<Sources['make']>) => {
  let loads = 0;
  const load = async () => {
    loads++;
    return (await database.query('select x from t where id = 1')).rows[0].x;
  };
  const byRow = cache((_id: number) => load(), { source, dependsOn: (id) => [row('t', { id })] });
  const byTable = cache(() => load(), { source, dependsOn: ['t'] });
  const byAll = cache(() => load(), { source });
  const byLoad = cache(
    (_id: number, { dependsOn }: LoadContext) => {
      dependsOn('t');
      return load();
    },
    { source, context: true },
  );
  const many = cacheMany((ids: readonly number[]) => Promise.all(ids.map(load)), {
    source,
    dependsOn: (id) => [row('t', { id })],
  });
  const calls = () =>
    Promise.all([
      byRow(1),
      byRow.fresh(1),
      byTable(),
      byTable.fresh(),
      byAll(),
      byLoad(1),
      many(1),
      many.fresh(1),
    ]);
  return {
    calls,
    explained: () => [byRow.explain(1).status, byTable.explain().status],
    get loads() {
      return loads;
    },
  };
};

describe.each(MODES)('start({ wait: false }) of %s', (name, options) => {
  const make = (more: SourceOptions = {}) => sources.make({ connection: database.url, ...options, ...more });

  test('resolves without a server; every call goes to the database until it is live by itself', async () => {
    await prepare(database, 'both');
    const proxy = await startProxy(database.url);
    const { url } = proxy;
    await proxy.close();
    const source = make({ connection: url });
    const errors: Error[] = [];
    source.on('error', (error) => errors.push(error));
    // Made before it is known what is watched.
    const caches = cachesOver(source);
    await caches.calls();
    await source.start({ wait: false });
    expect(source.state).toBe('connecting');
    for (let i = 1; i <= 2; i++) expect(await caches.calls()).toEqual(Array(8).fill(0));
    expect(caches.loads).toBe(24);
    expect(caches.explained()).toEqual(['unusable', 'unusable']);
    expect(new Set(errors.map(({ message }) => message)).size).toBe(errors.length);
    const live = nextState(source, 'live');
    const back = await startProxy(database.url, Number(new URL(url).port));
    try {
      await live;
      await caches.calls();
      const { loads } = caches;
      await caches.calls();
      expect(caches.loads).toBe(loads);
      await source.close();
    } finally {
      await back.close();
    }
  });

  test('reports once that nothing is installed, and picks a later install up', async () => {
    await database.query('create table t (id int primary key, x int); insert into t values (1, 0)');
    const source = make();
    const errors: Error[] = [];
    const reported = new Promise<void>((resolve) => {
      source.on('error', (error) => {
        errors.push(error);
        resolve();
      });
    });
    await source.start({ wait: false });
    await reported;
    // Whoever waits all the same is told, and does not stop it.
    await expect(source.start()).rejects.toMatchObject({
      code: expect.stringMatching(/^(NOT_WATCHED|NO_PUBLICATION|NO_MODE)$/),
      remedy: expect.stringContaining('pgcachewatch install'),
    });
    expect(source.state).toBe('connecting');
    const caches = cachesOver(source);
    expect(await caches.calls()).toEqual(Array(8).fill(0));
    const live = nextState(source, 'live');
    await install(database, name === 'notify' ? 'notify' : 'both');
    await live;
    await source.start({ timeoutMs: 1 });
    // What is installed in two steps is found out in two.
    expect(errors.length).toBeLessThanOrEqual(3);
    expect(new Set(errors.map(({ message }) => message)).size).toBe(errors.length);
  });
});

test('start({ wait: false }) goes on where a caller who waits gives up, and close() ends it', async () => {
  const source = sources.make({ mode: 'notify', connection: NO_SERVER });
  const states: string[] = [];
  source.on('state', (state) => states.push(state));
  const giving = source.start({ timeoutMs: 100 });
  await source.start({ wait: false });
  await expect(giving).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(source.state).toBe('connecting');
  const waiting = expect(source.caughtUp()).rejects.toMatchObject({ code: 'STATE' });
  await source.close();
  await waiting;
  expect(states).toEqual(['connecting', 'closed']);
});

test('a table that is missing once it is live is an error of the call, not of the start', async () => {
  await prepare(database, 'notify');
  const source = sources.make({ mode: 'notify', connection: database.url });
  const wrong = cache(async () => 1, { source, dependsOn: ['nowhere'] });
  expect(await wrong()).toBe(1);
  await source.start({ wait: false });
  await source.caughtUp();
  await expect(wrong()).rejects.toMatchObject({ code: 'NOT_WATCHED' });
});
