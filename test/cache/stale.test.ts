import { describe, expect, it } from 'vitest';
import { cache } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { until } from '../support/until.js';
import { manualLoader } from './setup.js';
import { type Options, useShop } from './use-shop.js';

describe('values past their time', () => {
  const shop = useShop();

  /** A cache that has loaded 'old'. */
  async function warm(options: Options<[], string>) {
    const clock = new ManualClock();
    const { load, loads } = manualLoader<string>();
    const all = { source: shop.source, dependsOn: ['orders'], clock, ...options };
    const cached = shop.kept(cache(() => load(), all));
    const first = cached();
    loads[0]?.finish('old');
    await first;
    return { clock, loads, cached };
  }

  describe('with staleWhileRevalidateMs', () => {
    it('are what callers get at once, while one load goes on for later ones', async () => {
      const { cached, loads } = await warm({ staleWhileRevalidateMs: 1000 });
      await shop.change();
      expect(cached.peek()).toBeUndefined();
      expect(await Promise.all([cached(), cached()])).toEqual(['old', 'old']);
      expect(loads).toHaveLength(2);
      loads[1]?.finish('new');
      await until(() => cached.statistics.entries === 1 && cached.explain().status === 'cached', 'the load');
      expect(await cached()).toBe('new');
      expect(cached.statistics).toMatchObject({ stale: 2, misses: 2, loads: 2, hits: 2 });
    });

    it('are served for no longer than that after the change', async () => {
      const { cached, clock, loads } = await warm({ staleWhileRevalidateMs: 1000 });
      await shop.change();
      clock.advance(999);
      expect(await cached()).toBe('old');
      clock.advance(1);
      const late = cached();
      loads[1]?.finish('new');
      expect(await late).toBe('new');
    });

    it('are served for no longer than that after they expired, though nobody has looked since', async () => {
      for (const [passed, served] of [
        [1499, true],
        [1500, false],
      ] as const) {
        const { cached, clock, loads } = await warm({ ttlMs: 1000, staleWhileRevalidateMs: 500 });
        clock.advance(passed);
        const answer = cached();
        expect(loads).toHaveLength(2);
        loads[1]?.finish('new');
        expect(await answer).toBe(served ? 'old' : 'new');
      }
    });

    it('go on being served while the new loads fail, and each call tries again', async () => {
      const { cached, loads } = await warm({ staleWhileRevalidateMs: 1000 });
      await shop.change();
      for (let i = 1; i <= 3; i++) {
        expect(await cached()).toBe('old');
        expect(loads).toHaveLength(i + 1);
        loads[i]?.fail(new Error('away'));
        await until(() => cached.statistics.failures === i, 'the failure');
      }
      expect(cached.statistics).toMatchObject({ entries: 0, stale: 3 });
    });

    it('go on being served when a change overtakes the new load, which is not kept', async () => {
      const { cached, loads } = await warm({ staleWhileRevalidateMs: 1000 });
      await shop.change();
      await cached();
      await shop.change();
      loads[1]?.finish('between');
      await until(() => cached.statistics.overtaken === 1, 'the overtaken load');
      expect(await cached()).toBe('old');
      expect(loads).toHaveLength(3);
    });

    it.each(['invalidate', 'clear', 'close'] as const)('are forgotten by %s', async (forget) => {
      const { cached, loads } = await warm({ staleWhileRevalidateMs: 1000, staleIfErrorMs: 1000 });
      await shop.change();
      cached[forget]();
      const answer = cached();
      loads[1]?.fail(new Error('away'));
      await expect(answer).rejects.toThrow('away');
    });

    it('are something to invalidate, once', async () => {
      const { cached } = await warm({ staleWhileRevalidateMs: 1000 });
      await shop.change();
      expect([cached.invalidate(), cached.invalidate()]).toEqual([true, false]);
    });

    it.each(['invalidate', 'clear'] as const)('are not what %s leaves behind', async (forget) => {
      const { cached, loads } = await warm({ staleWhileRevalidateMs: 1000 });
      cached[forget]();
      const answer = cached();
      loads[1]?.finish('new');
      expect(await answer).toBe('new');
    });

    it('are not what was evicted', async () => {
      let loads = 0;
      const options = { source: shop.source, staleWhileRevalidateMs: 1000, max: 1 };
      const cached = shop.kept(cache(async (n: number) => `${n} ${++loads}`, options));
      await cached(1);
      await cached(2);
      expect(await cached(1)).toBe('1 3');
    });
  });

  describe('with staleIfErrorMs', () => {
    it('are given only where the new load fails', async () => {
      const { cached, loads } = await warm({ staleIfErrorMs: 1000 });
      await shop.change();
      const [first, joined] = [cached(), cached()];
      loads[1]?.fail(new Error('away'));
      expect(await Promise.all([first, joined])).toEqual(['old', 'old']);
      expect(cached.statistics).toMatchObject({ stale: 2, failures: 1 });
      const second = cached();
      loads[2]?.finish('new');
      expect(await second).toBe('new');
    });

    it('are given for so long, by the time when the load fails', async () => {
      const { cached, loads, clock } = await warm({ staleIfErrorMs: 1000 });
      await shop.change();
      const inTime = cached();
      clock.advance(999);
      loads[1]?.fail(new Error('away'));
      expect(await inTime).toBe('old');
      const tooLate = cached();
      clock.advance(1);
      loads[2]?.fail(new Error('still away'));
      await expect(tooLate).rejects.toThrow('still away');
    });

    it('are given after a load that took too long, and replaced by one that comes', async () => {
      const { cached, loads, clock } = await warm({ staleIfErrorMs: 1000, loadTimeoutMs: 100 });
      await shop.change();
      const answer = cached();
      clock.advance(100);
      expect(await answer).toBe('old');
      const next = cached();
      loads[2]?.finish('new');
      expect(await next).toBe('new');
      expect(await cached()).toBe('new');
    });
  });

  it('of either option are given for as long as that one says', async () => {
    const { cached, loads, clock } = await warm({ staleWhileRevalidateMs: 100, staleIfErrorMs: 1000 });
    await shop.change();
    clock.advance(100);
    const answer = cached();
    loads[1]?.fail(new Error('away'));
    expect(await answer).toBe('old');
  });
});
