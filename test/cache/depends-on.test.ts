import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cache, type Dependency, type LoadContext, row, table } from '../../src/index.js';
import { openShop, type Shop } from './setup.js';

describe('dependsOn', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ silenceLimitMs: 300 });
  });
  afterAll(() => shop.close());

  /** As a program that no compiler has checked would write it. */
  const cacheOf = (dependsOn: unknown) =>
    Reflect.apply(cache, undefined, [async (id: number) => id, { source: shop.source, dependsOn }]);

  test.each<[what: string, given: unknown]>([
    ['one dependency without a list', table('orders')],
    ['a text', 'orders'],
    ['a number', 5],
    ['null', null],
    ['a promise', Promise.resolve(['orders'])],
  ])('%s is refused at once', (_, given) => {
    expect(() => cacheOf(given)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', remedy: expect.stringMatching(/list/) }),
    );
  });

  test.each<[what: string, given: unknown]>([
    ['list', []],
    ['set', new Set()],
    ['iterator', [].values()],
  ])('an empty %s is refused at once', (_, given) => {
    expect(() => cacheOf(given)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  test('what is said to depend on nothing may depend on anything', async () => {
    const { source } = shop;
    const none = cache(async () => 1, { source, dependsOn: () => [] });
    const untold = cache(async (_context: LoadContext) => 1, { source, dependsOn: [], context: true });
    await Promise.all([none(), untold()]);
    expect([await none.peek(), await untold.peek()]).toEqual([1, 1]);
    await shop.write('update orders set total = total + 1');
    expect([none.peek(), untold.peek()]).toEqual([undefined, undefined]);
  });

  test.each<[what: string, given: () => unknown]>([
    ['one dependency without a list', () => row('orders', { id: 1 })],
    ['a text', () => 'orders'],
    ['nothing', () => undefined],
    ['a promise', async () => ['orders']],
    ['a list of what are no dependencies', () => [null]],
    ['a list with an object of another kind', () => [{ name: 'orders' }]],
  ])('a function of it that returns %s is refused by the call, and nothing is loaded', async (_, given) => {
    const cached = cacheOf(given);
    await expect(cached(1)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      remedy: expect.stringMatching(/list/),
    });
    expect(cached.statistics).toMatchObject({ loads: 0, entries: 0 });
    cached.close();
  });

  describe.each<[what: string, wrong: unknown, message: RegExp]>([
    ['a number', 5, /has 5 for a dependency/],
    ['undefined', undefined, /has undefined for a dependency/],
    ['a promise', Promise.resolve('orders'), /has a promise for/],
    ['a list', ['orders'], /has a list for/],
    ['a function', () => 'orders', /has a function for/],
    ['an object of no kind', { table: 'orders' }, /an object whose kind is undefined/],
    ['an object of another kind', { kind: 'rows', table: 'orders' }, /an object whose kind is 'rows'/],
    ['a row of no table', { kind: 'row', key: { id: 1 } }, /row.*whose table is undefined/],
    ['a table without a name', { kind: 'table', table: 5 }, /table.*whose table is 5/],
    ['a table that is an object', table(Object({ name: 'x' })), /table.*whose table is an object/],
    ['a row without a key', { kind: 'row', table: 'orders' }, /row of orders whose key is undefined/],
    [
      'a row whose key is null',
      { kind: 'row', table: 'orders', key: null },
      /row of orders whose key is null/,
    ],
    [
      'a row whose key is no object',
      { kind: 'row', table: 'orders', key: 1 },
      /row of orders whose key is 1/,
    ],
    [
      'a row whose key is empty',
      { kind: 'row', table: 'orders', key: {} },
      /row of orders whose key .*no column/,
    ],
  ])('%s for a dependency', (_, wrong, message) => {
    const refusal = {
      name: 'PgCacheWatchError',
      code: 'BAD_OPTION',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/table\('orders'\).*row\('items', \{ id: 42 \}\)/),
    };

    test('is refused at once in a list', () => {
      expect(() => cacheOf(['orders', wrong])).toThrow(expect.objectContaining(refusal));
    });

    test('is refused by the call where a function gives it, and nothing is loaded', async () => {
      const cached = cacheOf(() => ['orders', wrong]);
      await expect(cached(1)).rejects.toMatchObject(refusal);
      expect(cached.statistics).toMatchObject({ loads: 0, entries: 0 });
      cached.close();
    });

    test('is refused where a load tells it, and nothing is kept', async () => {
      const load = async ({ dependsOn }: LoadContext) =>
        Reflect.apply(dependsOn, undefined, ['orders', wrong]);
      const cached = cache(load, { source: shop.source, context: true });
      await expect(cached()).rejects.toMatchObject(refusal);
      expect(cached.statistics.entries).toBe(0);
      cached.close();
    });
  });

  test('a promise for a dependency that rejects ends no process', async () => {
    const cached = cacheOf(() => ['orders', Promise.reject(new Error('nobody hears of it'))]);
    await expect(cached(1)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    cached.close();
  });

  test('a list that can be gone through only once is kept, also when the source reads its tables anew', async () => {
    function* once(): Generator<Dependency> {
      yield table('orders');
    }
    const cached = cache(async (id: number) => id, { source: shop.source, dependsOn: once() });
    const gap = new Promise((resolve) => shop.source.on('gap', resolve));
    await shop.database.query('alter table items add note text');
    await gap;
    await cached(1);
    await shop.write('update orders set total = total + 1');
    expect(cached.peek(1)).toBeUndefined();
    cached.close();
  });

  test('a list is taken as it is when it is given', async () => {
    const list = ['orders'];
    const cached = cache(async (id: number) => id, { source: shop.source, dependsOn: list });
    list.pop();
    await cached(1);
    await shop.write('update orders set total = total + 1');
    expect(cached.peek(1)).toBeUndefined();
    cached.close();
  });
});
