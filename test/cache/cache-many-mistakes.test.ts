import { describe, expect, it } from 'vitest';
import {
  type CacheOptions,
  type ContextCacheOptions,
  cacheMany,
  type ManyContext,
  row,
} from '../../src/index.js';
import { useShop } from './use-shop.js';

describe('cacheMany, of a function that', () => {
  const shop = useShop();

  /** A function of whatever kind, as one without types may be. */
  function giving(
    give: (keys: readonly unknown[], context: ManyContext<unknown>) => unknown,
    options: Partial<CacheOptions<[unknown]> | ContextCacheOptions<[unknown]>> = {},
  ) {
    const load = give as (keys: readonly unknown[]) => readonly unknown[];
    return shop.kept(cacheMany(load, { source: shop.source, name: 'values', ...options }));
  }

  it.each([
    ['gives too few', () => ['one'], '2 keys and gave 1 values'],
    ['gives too many', () => [1, 2, 3], '2 keys and gave 3 values'],
    ['gives an object', () => ({ 1: 'one', 2: 'two' }), 'neither a Map nor a list'],
    ['gives nothing', () => undefined, 'neither a Map nor a list'],
    ['gives null', async () => null, 'neither a Map nor a list'],
    ['gives a Set', () => new Set([1, 2]), 'neither a Map nor a list'],
    ['gives keys as texts', () => new Map([['1', 'one']]), 'string .*1.*none of its keys'],
    ['gives a key of no text', () => new Map([[Object.create(null), 'one']]), 'none of its keys'],
  ])('%s, calls reject and nothing is kept', async (_, give, message) => {
    const values = giving(give);
    for (const answer of [values.getMany([1, 2]), values(2)]) {
      await expect(answer).rejects.toMatchObject({ code: 'BAD_BATCH', remedy: expect.any(String) });
    }
    await expect(values.getMany([1, 2])).rejects.toThrow(new RegExp(message));
    expect(values.statistics).toMatchObject({ entries: 0, loads: 2, failures: 2 });
  });

  it('gives NaN for NaN, and objects for the very objects, is understood', async () => {
    const [a, b] = [{ id: 1 }, { id: 2 }];
    const values = giving((keys) => new Map(keys.map((key) => [key, key])));
    expect(await values.getMany([Number.NaN, a, b])).toEqual([Number.NaN, a, b]);
    expect(await values({ id: 2 })).toBe(b);
  });

  it('tells dependencies of each key: a change drops those alone that it concerns', async () => {
    const values = giving(
      (keys, { dependsOn }) => {
        for (const id of keys) dependsOn(id, row('orders', { id }));
        return [...keys];
      },
      { context: true },
    );
    await values.getMany([1, 2]);
    await shop.change(2);
    expect([values.peek(1) !== undefined, values.peek(2)]).toEqual([true, undefined]);
  });

  it('tells a dependency of a key that max was too small for, and that was asked twice, is heeded', async () => {
    const values = giving(
      (keys, { dependsOn }) => {
        dependsOn(1, row('orders', { id: 1 }));
        return [...keys];
      },
      { context: true, dependsOn: ['items'], max: 1 },
    );
    expect(await values.getMany([1, 2, 1])).toEqual([1, 2, 1]);
    expect(values.peek(1)).toBeDefined();
    await shop.change(1);
    expect(values.peek(1)).toBeUndefined();
  });

  it('tells a dependency of a key that it was not asked for, fails', async () => {
    const values = giving(
      (keys, { dependsOn }) => {
        dependsOn(3, row('orders', { id: 3 }));
        return [...keys];
      },
      { context: true },
    );
    await expect(values(1)).rejects.toMatchObject({ code: 'BAD_BATCH' });
  });

  it('tells a dependency without the option context, fails and says so, and nothing is kept', async () => {
    let isCaught = false;
    const values = giving(
      (keys, { dependsOn }) => {
        try {
          for (const id of keys) dependsOn(id, row('orders', { id }));
        } catch (error) {
          if (!isCaught) throw error;
        }
        return [...keys];
      },
      { dependsOn: ['items'] },
    );
    await expect(values(1)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      remedy: expect.stringContaining('context: true'),
    });
    isCaught = true;
    expect(await values(1)).toBe(1);
    expect(values.peek(1)).toBeUndefined();
  });

  it('is none is refused at once, and so is what is no list of keys', async () => {
    const bad = { code: 'BAD_OPTION' };
    expect(() => Reflect.apply(cacheMany, undefined, [undefined, { source: shop.source }])).toThrow(
      expect.objectContaining(bad),
    );
    const values = giving((keys) => [...keys]);
    await expect(Reflect.apply(values.getMany, undefined, ['12'])).rejects.toMatchObject(bad);
  });
});
