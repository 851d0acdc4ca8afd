import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cache, cacheMany, createSource, row, uncached } from '../../src/index.js';
import { manualLoader } from './setup.js';
import { useShop } from './use-shop.js';

describe('uncached', () => {
  const shop = useShop();
  const counter = () => {
    let loads = 0;
    return shop.kept(cache(async () => ++loads, { source: shop.source }));
  };

  it('gives what the work gives, at once or later, and what it throws', async () => {
    expect(uncached(() => 5)).toBe(5);
    expect(await uncached(async () => 6)).toBe(6);
    expect(() =>
      uncached(() => {
        throw new Error('at once');
      }),
    ).toThrow('at once');
    const cached = counter();
    await cached();
    expect(await cached()).toBe(1);
  });

  it('neither reads nor fills, within it and within what it awaits', async () => {
    const cached = counter();
    await uncached(async () => {
      expect(await cached()).toBe(1);
      await turn();
      expect(cached.peek()).toBeUndefined();
      expect(await cached()).toBe(2);
      expect(await cached.fresh()).toBe(3);
      await Promise.all([uncached(() => cached()), turn().then(() => cached())]);
      expect(await cached()).toBe(6);
    });
    expect(cached.statistics).toMatchObject({ bypasses: 6, hits: 0, misses: 0, entries: 0 });
    expect(await cached()).toBe(7);
    expect(await uncached(() => cached())).toBe(8);
    expect(await cached()).toBe(7);
  });

  it('joins no load from outside, and nobody outside joins one of its own', async () => {
    const { load, loads } = manualLoader<string>();
    const cached = shop.kept(cache(load, { source: shop.source }));
    const before = cached();
    const inside = uncached(() => [cached(), cached()]);
    const after = cached();
    expect(loads).toHaveLength(3);
    expect(after).toBe(before);
    loads.forEach(({ finish }, i) => {
      finish(`load ${i}`);
    });
    expect(await Promise.all([before, ...inside, after])).toEqual(['load 0', 'load 1', 'load 2', 'load 0']);
    expect(await cached()).toBe('load 0');
  });

  it('concerns no listener of a source that is started within it', async () => {
    const cached = counter();
    const source = shop.kept(createSource({ connection: shop.database.url, mode: 'notify' }));
    await uncached(() => source.start());
    const heard = new Promise<number>((resolve, reject) => {
      source.on('change', () => void cached().then(cached).then(resolve, reject));
    });
    await shop.change();
    await heard;
    expect(cached.statistics).toMatchObject({ bypasses: 0 });
  });

  it('concerns no call that runs beside it', async () => {
    const cached = counter();
    let finish = () => {};
    const open = new Promise<void>((resolve) => (finish = resolve));
    const work = uncached(async () => {
      await open;
      return cached();
    });
    expect([await cached(), await cached()]).toEqual([1, 1]);
    finish();
    expect(await work).toBe(2);
    expect(await cached()).toBe(1);
  });

  it('holds for cached functions that a loader calls, and for getMany in one run', async () => {
    const inner = counter();
    const outer = shop.kept(cache(async () => `outer ${await inner()}`, { source: shop.source }));
    const asked: number[][] = [];
    const many = shop.kept(
      cacheMany(
        async (ids: readonly number[]) => {
          asked.push([...ids]);
          return ids.map((id) => id * 10);
        },
        { source: shop.source },
      ),
    );
    await uncached(async () => {
      expect([await outer(), await outer()]).toEqual(['outer 1', 'outer 2']);
      expect(await many.getMany([1, 2])).toEqual([10, 20]);
    });
    expect(asked).toEqual([[1, 2]]);
    expect([inner, outer, many].map((each) => each.statistics.entries)).toEqual([0, 0, 0]);
  });

  it('keeps what a transaction reads, and rolls back, out of the cache', async () => {
    const client = await shop.database.client();
    let reader: { query: typeof shop.database.query } = shop.database;
    const load = async (id: number): Promise<string> => {
      const { rows } = await reader.query('select total from orders where id = $1', [id]);
      return rows[0].total;
    };
    const total = shop.kept(cache(load, { source: shop.source, dependsOn: (id) => [row('orders', { id })] }));
    const committed = await total(1);
    reader = client;
    await uncached(async () => {
      await client.query('begin');
      await client.query('update orders set total = 1234567 where id in (1, 2)');
      expect([await total(1), await total(2)]).toEqual(['1234567', '1234567']);
      await client.query('rollback');
    });
    reader = shop.database;
    expect(await total(1)).toBe(committed);
    expect(await total(2)).not.toBe('1234567');
    expect(total.statistics).toMatchObject({ hits: 1, misses: 2, bypasses: 2 });
  });
});
