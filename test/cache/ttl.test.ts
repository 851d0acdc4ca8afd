import { describe, expect, it } from 'vitest';
import { cache, row } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { manualLoader } from './setup.js';
import { useShop } from './use-shop.js';

describe('ttlMs', () => {
  const shop = useShop();

  it('drops a value when it is so old, and not a millisecond before', async () => {
    const clock = new ManualClock();
    let loads = 0;
    const cached = shop.kept(cache(async () => ++loads, { source: shop.source, ttlMs: 1000, clock }));
    await cached();
    clock.advance(999);
    expect(cached.peek()).toBeDefined();
    expect(await cached()).toBe(1);
    clock.advance(1);
    expect(cached.peek()).toBeUndefined();
    expect(await cached()).toBe(2);
    expect(cached.statistics).toMatchObject({
      invalidations: { expired: 1 },
      entries: 1,
      hits: 1,
      misses: 2,
    });
  });

  it('counts from before the load, however long that takes', async () => {
    const clock = new ManualClock();
    const { load, loads } = manualLoader<string>();
    const cached = shop.kept(cache(load, { source: shop.source, ttlMs: 1000, clock }));
    const first = cached();
    clock.advance(800);
    loads[0]?.finish('first');
    await first;
    clock.advance(199);
    expect(cached()).toBe(first);
    clock.advance(1);
    void cached();
    expect(loads).toHaveLength(2);
  });

  it('lets nobody join a load that began so long ago, and keeps the one that came after', async () => {
    const clock = new ManualClock();
    const { load, loads } = manualLoader<string>();
    const cached = shop.kept(cache(load, { source: shop.source, ttlMs: 1000, clock }));
    const first = cached();
    clock.advance(1000);
    const second = cached();
    expect(loads).toHaveLength(2);
    loads[1]?.finish('second');
    await second;
    loads[0]?.finish('first');
    expect(await first).toBe('first');
    expect(await cached()).toBe('second');
    expect(cached.statistics.overtaken).toBe(1);
  });

  it('does not renew a value by its use', async () => {
    const clock = new ManualClock();
    let loads = 0;
    const cached = shop.kept(cache(async () => ++loads, { source: shop.source, ttlMs: 1000, clock }));
    for (let i = 0; i < 4; i++) {
      await cached();
      clock.advance(400);
    }
    expect(loads).toBe(2);
  });

  it('does not spare a value a change', async () => {
    const clock = new ManualClock();
    const cached = shop.kept(
      cache(shop.total, {
        source: shop.source,
        ttlMs: 1_000_000,
        clock,
        dependsOn: (id) => [row('orders', { id })],
      }),
    );
    const before = await cached(1);
    await shop.change();
    expect(await cached(1)).not.toBe(before);
    expect(cached.statistics.invalidations).toMatchObject({ change: 1, expired: 0 });
  });
});
