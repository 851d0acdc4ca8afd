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
