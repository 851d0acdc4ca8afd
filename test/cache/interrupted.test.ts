import { describe, expect, it } from 'vitest';
import { cache, uncached } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { type Options, useShop } from './use-shop.js';

describe('while the source has lost its connection', () => {
  const shop = useShop();

  /** A cache that has loaded 1, on a source that can be lost. The next loads give 2, 3, … or fail. */
  async function warm(options: Options<[], number>) {
    const clock = new ManualClock();
    const breakable = await shop.breakable();
    const state = { loads: 0, fails: false };
    const load = async () => {
      state.loads++;
      if (state.fails) throw new Error('away');
      return state.loads;
    };
    const cached = shop.kept(cache(load, { source: breakable.source, clock, ...options }));
    await cached();
    return { clock, breakable, cached, state };
  }

  it('every call goes to the database, and nothing is kept', async () => {
    const { cached, breakable } = await warm({});
    await breakable.lose();
    expect([await cached(), await cached(), cached.peek()]).toEqual([2, 3, undefined]);
    expect(cached.statistics).toMatchObject({ bypasses: 2, hits: 0 });
    await breakable.mend();
    expect(await cached()).toBe(4);
    expect(await cached()).toBe(4);
  });

  it('with serveStaleForMs, calls are answered from memory for so long, counted from the loss', async () => {
    const { cached, breakable, clock } = await warm({ whenInterrupted: { serveStaleForMs: 1000 } });
    clock.advance(5000);
    await breakable.lose();
    clock.advance(999);
    expect([await cached(), await cached(), await cached.peek()]).toEqual([1, 1, 1]);
    expect(cached.statistics).toMatchObject({ hits: 2, stale: 2, bypasses: 0 });
    clock.advance(1);
    expect(cached.peek()).toBeUndefined();
    expect([await cached(), await cached()]).toEqual([2, 3]);
    expect(cached.statistics).toMatchObject({ hits: 2, stale: 2, bypasses: 2 });
  });

  it('with serveStaleForMs, the gap empties the cache, and a second loss counts anew', async () => {
    const { cached, breakable, clock } = await warm({ whenInterrupted: { serveStaleForMs: 1000 } });
    await breakable.lose();
    clock.advance(900);
    await breakable.mend();
    expect(await cached()).toBe(2);
    await breakable.lose();
    clock.advance(900);
    expect(await cached()).toBe(2);
  });

  it('with serveStaleForMs, what is expired, asked for fresh, or in uncached() is loaded', async () => {
    const { cached, breakable, clock } = await warm({
      whenInterrupted: { serveStaleForMs: 1000 },
      ttlMs: 500,
    });
    await breakable.lose();
    expect(await cached.fresh()).toBe(2);
    expect(await cached.with({ fresh: true })()).toBe(3);
    expect(await uncached(() => cached())).toBe(4);
    expect(await cached()).toBe(1);
    clock.advance(500);
    expect(await cached()).toBe(5);
  });

  it('with serveStaleForMs, a closed cache serves nothing', async () => {
    const { cached, breakable } = await warm({ whenInterrupted: { serveStaleForMs: 1000 } });
    await breakable.lose();
    cached.close();
    expect(await cached()).toBe(2);
  });

  it('with staleIfErrorMs, a load that fails is made up for by what is stored, counted from the loss', async () => {
    const { cached, breakable, clock, state } = await warm({ staleIfErrorMs: 1000 });
    clock.advance(5000);
    await breakable.lose();
    expect(await cached()).toBe(2);
    state.fails = true;
    clock.advance(999);
    expect(await cached()).toBe(1);
    expect(cached.statistics.stale).toBe(1);
    await expect(cached.fresh()).rejects.toThrow('away');
    await expect(uncached(() => cached())).rejects.toThrow('away');
    clock.advance(1);
    await expect(cached()).rejects.toThrow('away');
  });

  it('with staleIfErrorMs, what expired longer ago than that is not given', async () => {
    const { cached, breakable, clock, state } = await warm({ staleIfErrorMs: 1000, ttlMs: 500 });
    clock.advance(1499);
    await breakable.lose();
    state.fails = true;
    expect(await cached()).toBe(1);
    clock.advance(1);
    await expect(cached()).rejects.toThrow('away');
  });

  it('after a gap, values past their time are as old as the loss, not as the gap', async () => {
    const { cached, breakable, clock, state } = await warm({
      staleIfErrorMs: 1000,
      staleWhileRevalidateMs: 1000,
    });
    await breakable.lose();
    clock.advance(600);
    await breakable.mend();
    clock.advance(399);
    expect(await cached()).toBe(1);
    state.fails = true;
    cached.invalidate();
    await expect(cached()).rejects.toThrow('away');
  });

  it('after a gap, values past their time are gone when their time is over', async () => {
    const { cached, breakable, clock } = await warm({ staleWhileRevalidateMs: 1000 });
    await breakable.lose();
    clock.advance(600);
    await breakable.mend();
    clock.advance(400);
    expect(await cached()).toBe(2);
  });

  it('and is live again, values are past their time from the next change on, not from the loss', async () => {
    const { cached, breakable, clock } = await warm({ staleWhileRevalidateMs: 1000, dependsOn: ['orders'] });
    await breakable.lose();
    await breakable.mend();
    cached.clear();
    expect(await cached()).toBe(2);
    clock.advance(5000);
    await shop.change();
    await breakable.source.caughtUp();
    expect(cached.peek()).toBeUndefined();
    expect(await cached()).toBe(2);
  });
});
