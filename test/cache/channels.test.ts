import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type CacheChannels, type ChangeEvent, cache, cacheMany, row, windowed } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { manualLoader } from './setup.js';
import { useShop } from './use-shop.js';

type Name = keyof CacheChannels;

describe('the channels', () => {
  const shop = useShop();
  const subscribed: [Name, (message: unknown) => void][] = [];
  afterEach(() => {
    for (const [name, listener] of subscribed.splice(0)) unsubscribe(name, listener);
  });

  /** The messages from now on. */
  function messages<N extends Name>(name: N, onMessage = () => {}): CacheChannels[N][] {
    const heard: CacheChannels[N][] = [];
    const listener = (message: unknown) => {
      heard.push(message as CacheChannels[N]);
      onMessage();
    };
    subscribe(name, listener);
    subscribed.push([name, listener]);
    return heard;
  }
  const named = (name: string, load: (id: number) => unknown = (id) => id) =>
    shop.kept(cache(load, { source: shop.source, name, dependsOn: (id) => [row('orders', { id })] }));

  it('tell of each hit and miss, with the key, at once', async () => {
    const [hits, misses] = [messages('pgcachewatch:hit'), messages('pgcachewatch:miss')];
    const order = named('order');
    void order(1);
    expect([hits, misses]).toEqual([[], [{ cache: 'order', key: 1 }]]);
    await order(1);
    expect(hits).toEqual([{ cache: 'order', key: 1 }]);
    await order(1);
    expect(hits).toHaveLength(2);
    order.peek(1);
    order.explain(1);
    order.close();
    await order(1);
    expect([hits.length, misses.length]).toEqual([2, 1]);
  });

  it('tell of a hit also where it is past its time', async () => {
    const { source, lose } = await shop.breakable();
    const options = { source, whenInterrupted: { serveStaleForMs: 60_000 } };
    const cached = shop.kept(cache(async (n: number) => n, { ...options, name: 'stale' }));
    await cached(1);
    await lose();
    const hits = messages('pgcachewatch:hit');
    await cached(1);
    expect(hits).toEqual([{ cache: 'stale', key: 1 }]);
  });

  it('tell of each load: the keys, how long it took, and what it threw', async () => {
    const loads = messages('pgcachewatch:load');
    const clock = new ManualClock();
    const { load, loads: begun } = manualLoader<readonly string[]>();
    const options = { source: shop.source, name: 'many', clock };
    const many = shop.kept(cacheMany((ids: readonly number[]) => load(ids), options));
    const answer = many.getMany([1, 2]);
    clock.advance(25);
    expect(loads).toEqual([]);
    begun[0]?.finish(['a', 'b']);
    await answer;
    expect(loads).toEqual([{ cache: 'many', keys: [1, 2], durationMs: 25, error: undefined }]);
    const error = new Error('away');
    const failing = many(3);
    begun[1]?.fail(error);
    await expect(failing).rejects.toBe(error);
    expect(loads.at(-1)).toEqual({ cache: 'many', keys: [3], durationMs: 0, error });
    many.close();
    const past = many(4);
    begun[2]?.finish(['d']);
    await past;
    expect(loads.at(-1)).toMatchObject({ keys: [] });
  });

  it('tell of each drop, its cause, and the change as it was told', async () => {
    const drops = messages('pgcachewatch:drop');
    const changes: ChangeEvent[] = [];
    const off = shop.source.on('change', (change) => void changes.push(change));
    const order = named('order');
    await Promise.all([order(1), order(2), order(3)]);
    await shop.change(2);
    off();
    order.invalidate(1);
    order.clear();
    await turn();
    expect(drops).toEqual([
      { cache: 'order', key: 2, cause: 'change', change: changes[0] },
      { cache: 'order', key: 1, cause: 'invalidate', change: null },
      { cache: 'order', key: 3, cause: 'clear', change: null },
    ]);
    expect(drops[0]?.change).toMatchObject({ table: 'orders', operation: 'update', key: { id: 2 } });
  });

  it('tell of what expired and what was evicted', async () => {
    const drops = messages('pgcachewatch:drop');
    const clock = new ManualClock();
    const options = { source: shop.source, name: 'small', max: 1, ttlMs: 100, clock };
    const cached = shop.kept(cache(async (n: number) => n, options));
    await cached(1);
    await cached(2);
    clock.advance(100);
    await cached(2);
    expect(drops.map(({ key, cause }) => [key, cause])).toEqual([
      [1, 'evicted'],
      [2, 'expired'],
    ]);
  });

  it('tell, of a drop that a strategy has put off, the last of its changes, without its images', async () => {
    const drops = messages('pgcachewatch:drop');
    const clock = new ManualClock();
    const strategy = windowed({ size: 100, maxWaitMs: 1000 });
    const options = { source: shop.source, name: 'late', strategy, clock, dependsOn: ['orders'] };
    const cached = shop.kept(cache(async () => 1, options));
    await cached();
    await shop.change(1);
    await shop.change(2);
    clock.advance(1000);
    await turn();
    expect(drops).toMatchObject([
      { cache: 'late', cause: 'change', change: { key: { id: 2 }, after: null } },
    ]);
  });

  it('tell of a gap, with the number of entries that it dropped, and of those', async () => {
    const [gaps, drops] = [messages('pgcachewatch:gap'), messages('pgcachewatch:drop')];
    const { source, lose, mend } = await shop.breakable();
    const cached = shop.kept(cache(async (n: number) => n, { source, name: 'gone' }));
    await Promise.all([cached(1), cached(2)]);
    await lose();
    await mend();
    expect(gaps).toEqual([
      { cache: 'gone', gap: expect.objectContaining({ reason: 'reconnected' }), entries: 2 },
    ]);
    expect(drops).toEqual([1, 2].map((key) => ({ cache: 'gone', key, cause: 'gap', change: null })));
  });

  it('never let a subscriber see half a transaction', async () => {
    const caches = ['orders', 'items', 'orders', 'items'].map((table) =>
      shop.kept(cache(async () => table, { source: shop.source, dependsOn: [table] })),
    );
    const seen: boolean[][] = [];
    const look = () => void seen.push(caches.map((cached) => cached.peek() !== undefined));
    await Promise.all(caches.map((cached) => cached()));
    messages('pgcachewatch:drop', look);
    await shop.write('begin; update orders set total = 1; update items set price = 1; commit');
    expect(seen).toEqual(caches.map(() => [false, false, false, false]));
  });

  it('cost nothing where nobody listens: no message is made', async () => {
    const { source, lose, mend } = await shop.breakable();
    let isAsked = 0;
    const clock = new (class extends ManualClock {
      override now(): number {
        isAsked++;
        return super.now();
      }
    })();
    const cached = shop.kept(cache(async (n: number) => n, { source, clock, name: 'quiet' }));
    await cached(1);
    const quiet = isAsked;
    messages('pgcachewatch:load');
    await cached(2);
    expect(isAsked - quiet).toBe(quiet + 1);
    await lose();
    await mend();
    // Whoever comes later is told nothing of what was before.
    const late = (['hit', 'miss', 'drop', 'gap', 'verify'] as const).map((kind) =>
      messages(`pgcachewatch:${kind}`),
    );
    await turn();
    expect(late.flat()).toEqual([]);
  });
});
