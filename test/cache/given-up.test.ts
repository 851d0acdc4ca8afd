import { describe, expect, it } from 'vitest';
import { cache, type LoadContext, row } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { until } from '../support/until.js';
import { type Options, useShop } from './use-shop.js';

interface Load {
  readonly signal: AbortSignal;
  finish(value: string): void;
}

describe('a load', () => {
  const shop = useShop();

  function manual(options: Options<[id: number], string> = {}) {
    const clock = new ManualClock();
    const loads: Load[] = [];
    const load = (_id: number, { signal }: LoadContext) =>
      new Promise<string>((finish) => loads.push({ signal, finish }));
    const all = {
      source: shop.source,
      dependsOn: (id: number) => [row('orders', { id })],
      clock,
      ...options,
    };
    const cached = shop.kept(cache(load, { ...all, context: true }));
    return { clock, loads, cached };
  }

  describe('that takes longer than loadTimeoutMs', () => {
    it('has an aborted signal, also where that is first looked at afterwards', async () => {
      const clock = new ManualClock();
      let context: LoadContext | undefined;
      const load = (_id: number, given: LoadContext) => {
        context = given;
        return new Promise<never>(() => {});
      };
      const { source } = shop;
      const answer = shop.kept(cache(load, { source, clock, loadTimeoutMs: 1000, context: true }))(1);
      clock.advance(1000);
      await expect(answer).rejects.toMatchObject({ code: 'LOAD_TIMEOUT' });
      expect(context?.signal.reason).toMatchObject({ code: 'LOAD_TIMEOUT' });
    });

    it('is given up: those who wait are told, its signal is aborted, and the next call loads', async () => {
      const { clock, loads, cached } = manual({ loadTimeoutMs: 1000, name: 'slow' });
      const answers = [cached(1), cached(1), cached.with({ signal: new AbortController().signal })(1)];
      clock.advance(999);
      expect(loads[0]?.signal.aborted).toBe(false);
      clock.advance(1);
      expect(loads[0]?.signal.reason).toMatchObject({ code: 'LOAD_TIMEOUT' });
      for (const answer of answers) {
        await expect(answer).rejects.toMatchObject({
          code: 'LOAD_TIMEOUT',
          message: expect.stringContaining('slow'),
        });
      }
      expect(cached.statistics).toMatchObject({ failures: 1, entries: 0 });
      const next = cached(1);
      loads[0]?.finish('too late');
      loads[1]?.finish('in time');
      expect(await next).toBe('in time');
      expect(await cached(1)).toBe('in time');
    });

    it('is given up as well where its value would not have been kept', async () => {
      const { clock, loads, cached } = manual({ loadTimeoutMs: 1000 });
      const answer = cached(1);
      await shop.change(1);
      clock.advance(1000);
      await expect(answer).rejects.toMatchObject({ code: 'LOAD_TIMEOUT' });
      expect(loads[0]?.signal.aborted).toBe(true);
    });

    it('leaves no timer when it ends in time, or fails', async () => {
      const { clock, loads, cached } = manual({ loadTimeoutMs: 1000 });
      const answer = cached(1);
      expect(clock.timers).toBe(1);
      loads[0]?.finish('in time');
      await answer;
      expect(clock.timers).toBe(0);
      const load = (_context: LoadContext): Promise<string> => {
        throw new Error('at once');
      };
      const all = { source: shop.source, clock, loadTimeoutMs: 1000 };
      const failing = shop.kept(cache(load, { ...all, context: true }));
      await expect(failing()).rejects.toThrow('at once');
      expect(clock.timers).toBe(0);
      clock.advance(2000);
      expect(loads[0]?.signal.aborted).toBe(false);
    });
  });

  describe('whose callers have stopped waiting', () => {
    it('is given up when the last of them has', async () => {
      const { loads, cached } = manual();
      const [first, second] = [new AbortController(), new AbortController()];
      const answers = [first, second].map(({ signal }) => cached.with({ signal })(1));
      first.abort(new Error('first left'));
      await expect(answers[0]).rejects.toThrow('first left');
      expect(loads[0]?.signal.aborted).toBe(false);
      expect(cached.statistics.entries).toBe(1);
      second.abort(new Error('second left'));
      // A call of the same moment does not join what was given up.
      const next = cached(1);
      await expect(answers[1]).rejects.toThrow('second left');
      expect(loads.map(({ signal }) => signal.aborted)).toEqual([true, false]);
      loads[1]?.finish('anew');
      expect(await next).toBe('anew');
    });

    it.each([
      ['calls without a signal', (cached: ReturnType<typeof manual>['cached']) => cached(1)],
      ['has peeked', (cached: ReturnType<typeof manual>['cached']) => cached.peek(1)],
    ])('goes on while somebody waits who %s', async (_, join) => {
      const { loads, cached } = manual();
      const controller = new AbortController();
      const leaving = cached.with({ signal: controller.signal })(1);
      const staying = join(cached);
      controller.abort();
      await expect(leaving).rejects.toThrow();
      expect(loads[0]?.signal.aborted).toBe(false);
      loads[0]?.finish('done');
      expect(await staying).toBe('done');
      expect(cached.peek(1)).toBeDefined();
    });

    it('goes on where they get what is past its time meanwhile', async () => {
      const { loads, cached } = manual({ staleWhileRevalidateMs: 1000 });
      const first = cached(1);
      loads[0]?.finish('old');
      await first;
      await shop.change(1);
      expect(await cached(1)).toBe('old');
      const controller = new AbortController();
      const joined = cached.with({ signal: controller.signal, fresh: true })(1);
      await until(() => cached.statistics.hits === 1, 'the call that joins');
      controller.abort(new Error('left'));
      await expect(joined).rejects.toThrow('left');
      expect(loads[1]?.signal.aborted).toBe(false);
      expect(cached.explain(1).status).toBe('loading');
    });

    it('is given up though its value would not have been kept, and not the load that came after', async () => {
      const { loads, cached } = manual();
      const controller = new AbortController();
      const first = cached.with({ signal: controller.signal })(1);
      await shop.change(1);
      const second = cached(1);
      controller.abort();
      await expect(first).rejects.toThrow();
      expect(loads.map(({ signal }) => signal.aborted)).toEqual([true, false]);
      expect(cached.peek(1)).toBe(second);
    });

    it('is given up as well where it went past the cache', async () => {
      const { loads, cached } = manual();
      cached.close();
      const controller = new AbortController();
      const answer = cached.with({ signal: controller.signal })(1);
      controller.abort(new Error('left'));
      await expect(answer).rejects.toThrow('left');
      expect(loads[0]?.signal.aborted).toBe(true);
    });

    it('is over: to stop waiting later does nothing', async () => {
      const { loads, cached } = manual();
      const controller = new AbortController();
      const answer = cached.with({ signal: controller.signal })(1);
      loads[0]?.finish('done');
      expect(await answer).toBe('done');
      controller.abort();
      expect(loads[0]?.signal.aborted).toBe(false);
      expect(await cached(1)).toBe('done');
    });

    it('is not even begun where the signal is aborted before the call', async () => {
      const { loads, cached } = manual();
      const signal = AbortSignal.abort(new Error('before'));
      await expect(cached.with({ signal })(1)).rejects.toThrow('before');
      await expect(cached.with({ signal, fresh: true })(1)).rejects.toThrow('before');
      expect(loads).toHaveLength(0);
    });
  });

  it.each([
    ['a change', () => shop.change(1)],
    ['invalidate', async (cached: ReturnType<typeof manual>['cached']) => cached.invalidate(1)],
    ['clear', async (cached: ReturnType<typeof manual>['cached']) => cached.clear()],
    ['close', async (cached: ReturnType<typeof manual>['cached']) => cached.close()],
    ['eviction', async (cached: ReturnType<typeof manual>['cached']) => void cached(2)],
  ])('is not given up because of %s, and reaches those who wait', async (_, drop) => {
    const { loads, cached } = manual({ max: 1 });
    const answer = cached.with({ signal: new AbortController().signal })(1);
    await drop(cached);
    expect(cached.peek(1)).toBeUndefined();
    expect(loads[0]?.signal.aborted).toBe(false);
    loads[0]?.finish('done');
    expect(await answer).toBe('done');
    expect(cached.peek(1)).toBeUndefined();
  });
});
