import { describe, expect, it } from 'vitest';
import { cache, cacheMany, createSource, row, statisticsOf } from '../../src/index.js';
import { manualLoader } from './setup.js';
import { useShop } from './use-shop.js';

describe('the statistics', () => {
  const shop = useShop();

  it('of a cache begin with nothing, and what was read of them does not change', async () => {
    const cached = shop.kept(cache(async (n: number) => n, { source: shop.source }));
    const before = cached.statistics;
    const invalidations = { change: 0, gap: 0, invalidate: 0, clear: 0, expired: 0, evicted: 0 };
    const none = { hits: 0, misses: 0, bypasses: 0, stale: 0, loads: 0, failures: 0, overtaken: 0 };
    const zero = { ...none, verified: 0, wrong: 0, entries: 0, bytes: 0, invalidations };
    expect(before).toEqual(zero);
    await cached(1);
    cached.clear();
    expect(before).toEqual(zero);
  });

  it('count a call that joins a load as a hit, and a load that was overtaken', async () => {
    const { load, loads } = manualLoader<number>();
    const cached = shop.kept(cache(load, { source: shop.source, dependsOn: ['orders'] }));
    const answers = [cached(), cached(), cached()];
    await shop.change();
    loads[0]?.finish(1);
    await Promise.all(answers);
    expect(cached.statistics).toMatchObject({
      hits: 2,
      misses: 1,
      loads: 1,
      overtaken: 1,
      entries: 0,
      invalidations: { change: 1 },
    });
  });

  it('count what a gap has dropped', async () => {
    const { source, lose, mend } = await shop.breakable();
    const cached = shop.kept(cache(async (n: number) => n, { source }));
    await Promise.all([cached(1), cached(2)]);
    await lose();
    await mend();
    expect(cached.statistics).toMatchObject({ entries: 0, invalidations: { gap: 2, change: 0, clear: 0 } });
  });

  it('of peek, explain and invalidate are no use of the cache', async () => {
    const cached = shop.kept(cache(async (n: number) => n, { source: shop.source, max: 2 }));
    await Promise.all([cached(1), cached(2)]);
    cached.peek(1);
    cached.explain(1);
    expect(cached.statistics).toMatchObject({ hits: 0, misses: 2 });
    await cached(3);
    expect([cached.peek(1), cached.peek(2) !== undefined]).toEqual([undefined, true]);
  });

  it('of a source are those of its caches that are open, and their sum', async () => {
    const { source } = await shop.breakable();
    expect(statisticsOf(source)).toMatchObject({ total: { hits: 0, entries: 0 }, caches: [] });
    const sizes = { maxBytes: 100, sizeOf: () => 10 };
    const one = shop.kept(cache(async (n: number) => n, { source, name: 'one', ...sizes }));
    const two = shop.kept(
      cacheMany(async (ids: readonly number[]) => ids.map(String), {
        source,
        name: 'two',
        dependsOn: (id) => [row('orders', { id })],
        ...sizes,
      }),
    );
    await Promise.all([one(1), one(1), two.getMany([1, 2])]);
    two.invalidate(2);
    one.clear();
    const { total, caches } = statisticsOf(source);
    expect(total).toMatchObject({
      hits: 1,
      misses: 3,
      loads: 2,
      entries: 1,
      bytes: 10,
      invalidations: { invalidate: 1, clear: 1 },
    });
    expect(caches).toEqual([
      { name: 'one', statistics: one.statistics },
      { name: 'two', statistics: two.statistics },
    ]);
    one.close();
    expect(statisticsOf(source).caches.map(({ name }) => name)).toEqual(['two']);
    expect(statisticsOf(createSource({ connection: shop.database.url })).caches).toEqual([]);
  });
});
