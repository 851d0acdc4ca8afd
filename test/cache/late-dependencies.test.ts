import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CacheOptions, cache, type Dependency, type LoadContext, row, timed } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { modes, openWatched, type Watched } from '../support/open-watched.js';

const SCHEMA = `create table orders (id int primary key, total int); insert into orders values (1, 1), (2, 2);
  create table others (id int primary key); create table unwatched (id int primary key)`;
const CHANGE = 'update orders set total = total + 1 where id = 1';

describe.each(modes)('dependencies that are told during the load, over %s', (mode) => {
  let watched: Watched;
  const made: { close(): void }[] = [];
  beforeAll(async () => {
    watched = await openWatched(mode, { sql: SCHEMA, tables: ['orders', 'others'] });
  });
  afterEach(() => {
    for (const each of made.splice(0)) each.close();
  });
  afterAll(() => watched.close());

  /** A cache whose loads tell, and end, when a test has them do so. */
  const told = (options: Partial<CacheOptions<[]>> = {}) => {
    const loads: { tell: LoadContext['dependsOn']; finish: (value: string) => void }[] = [];
    const load = ({ dependsOn }: LoadContext): Promise<string> =>
      new Promise((finish) => loads.push({ tell: dependsOn, finish }));
    const cached = cache(load, { source: watched.source, ...options, context: true });
    made.push(cached);
    const at = (i: number) => {
      const found = loads[i];
      if (!found) throw new Error(`There is no load ${i}`);
      return found;
    };
    return { cached, loads, at };
  };
  const order = (id: number): Dependency => row('orders', { id });

  test('are what drops the value, and nothing else does', async () => {
    const { cached, at } = told();
    const value = cached();
    at(0).tell(order(1), 'others');
    at(0).finish('a');
    await value;
    await watched.write('update orders set total = 0 where id = 2');
    expect(cached.peek()).toBeDefined();
    await watched.write(CHANGE);
    expect(cached.peek()).toBeUndefined();
  });

  test('go beside those that are given', async () => {
    const { cached, at } = told({ dependsOn: ['others'] });
    for (const [i, sql] of [CHANGE, 'truncate others'].entries()) {
      const value = cached();
      at(i).tell(order(1));
      at(i).finish('a');
      await value;
      expect(cached.peek()).toBeDefined();
      await watched.write(sql);
      expect(cached.peek()).toBeUndefined();
    }
  });

  test('count from the beginning of the load: what has changed since is not kept', async () => {
    const { cached, at } = told();
    const value = cached();
    await watched.write(CHANGE);
    expect(cached.peek()).toBeDefined();
    at(0).tell(order(1));
    expect(cached.peek()).toBeUndefined();
    at(0).finish('old');
    expect(await value).toBe('old');
    expect(cached.peek()).toBeUndefined();
    expect(cached.statistics).toMatchObject({ overtaken: 1, invalidations: { change: 1 } });
  });

  test('who calls before the change gets the value of that load, who calls after it never does', async () => {
    const { cached, at, loads } = told();
    const before = [cached(), cached()];
    await watched.write(CHANGE);
    const after = [cached(), cached()];
    await watched.write('update orders set total = 0 where id = 2');
    after.push(cached());
    at(0).tell(order(2), order(1));
    at(0).finish('old');
    expect(await Promise.all(before)).toEqual(['old', 'old']);
    await new Promise(setImmediate);
    expect(loads).toHaveLength(2);
    at(1).tell(order(1));
    at(1).finish('new');
    expect(await Promise.all(after)).toEqual(['new', 'new', 'new']);
  });

  test('who calls after a change of something else gets the value that is on its way', async () => {
    const { cached, at, loads } = told();
    const first = cached();
    await watched.write('update orders set total = 0 where id = 2');
    const second = cached();
    at(0).tell(order(1));
    at(0).finish('a');
    expect([await first, await second, await cached()]).toEqual(['a', 'a', 'a']);
    expect(loads).toHaveLength(1);
  });

  test('drop the value at once when they are told too late for a change, though the strategy would wait', async () => {
    const clock = new ManualClock();
    const { cached, at } = told({ strategy: timed({ intervalMs: 1_000 }), clock });
    const value = cached();
    await watched.write(CHANGE);
    at(0).tell(order(1));
    expect(cached.peek()).toBeUndefined();
    at(0).finish('old');
    await value;
    expect(cached.peek()).toBeUndefined();
  });

  test('told before the change, are dropped by it while the load is still under way', async () => {
    const { cached, at, loads } = told();
    const first = cached();
    at(0).tell(order(1));
    await watched.write(CHANGE);
    const second = cached();
    expect(loads).toHaveLength(2);
    at(1).finish('new');
    at(0).finish('old');
    expect([await first, await second]).toEqual(['old', 'new']);
  });

  test('of which none is told, are every watched table, from the beginning of the load', async () => {
    const { cached, at } = told();
    const first = cached();
    at(0).finish('a');
    await first;
    expect(cached.peek()).toBeDefined();
    await watched.write('truncate others');
    expect(cached.peek()).toBeUndefined();
    const overtaken = cached();
    await watched.write(CHANGE);
    at(1).finish('old');
    expect(await overtaken).toBe('old');
    expect(cached.peek()).toBeUndefined();
  });

  test.each([
    ['a table that is not watched', 'unwatched', 'NOT_WATCHED'],
    ['a column that there is not', row('orders', { idd: 1 }), 'BAD_OPTION'],
  ])('that are of %s throw, and the value is not kept though the function goes on', async (_, wrong, code) => {
    const { cached, at } = told();
    const value = cached();
    expect(() => at(0).tell('others', wrong)).toThrow(expect.objectContaining({ code }));
    expect(cached.peek()).toBeUndefined();
    at(0).tell('others');
    at(0).finish('a');
    expect(await value).toBe('a');
    expect(cached.peek()).toBeUndefined();
  });

  test('that are told after the end throw, and the value that lacks them is dropped', async () => {
    const { cached, at } = told();
    const value = cached();
    at(0).tell('others');
    at(0).finish('a');
    await value;
    expect(() => at(0).tell(order(1))).toThrow(expect.objectContaining({ code: 'STATE' }));
    expect(cached.peek()).toBeUndefined();
    const next = cached();
    expect(() => at(0).tell(order(1))).toThrow(expect.objectContaining({ code: 'STATE' }));
    expect(cached.peek()).toBe(next);
    at(1).finish('b');
  });

  test('are held against more changes than are remembered: then the value is not kept', async () => {
    const { cached, at } = told();
    const value = cached();
    await watched.write('insert into others select generate_series(1, 900)');
    await watched.write('delete from others');
    at(0).tell(order(1));
    at(0).finish('a');
    await value;
    expect(cached.peek()).toBeUndefined();
  });
});
