import { describe, expect, it } from 'vitest';
import { cache, greedy, type LoadContext, row, windowed } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { until } from '../support/until.js';
import { manualLoader } from './setup.js';
import { type Options, useShop } from './use-shop.js';

const patient = () => windowed({ size: 1000, maxWaitMs: 1_000_000 });

describe('fresh', () => {
  const shop = useShop();

  function totals(options: Options<[id: number], string> = {}) {
    const dependsOn = (id: number) => [row('orders', { id })];
    return shop.kept(cache(shop.total, { source: shop.source, dependsOn, ...options }));
  }
  /** Without waiting until the source has told of it. */
  const commit = async (id = 1): Promise<string> => {
    const { rows } = await shop.database.query(
      `update orders set total = total + 1 where id = ${id} returning total`,
    );
    return rows[0].total;
  };

  it('gives what was committed before the call, by anyone, though nobody has heard of it yet', async () => {
    const total = totals();
    for (let i = 0; i < 20; i++) {
      await total(1);
      const written = await commit();
      expect(await total.fresh(1)).toBe(written);
    }
  });

  it('gives what is cached, if nothing has changed', async () => {
    const total = totals();
    const first = total(1);
    await first;
    await commit(2);
    await total.fresh(1);
    expect(total.statistics).toMatchObject({ loads: 1, hits: 1 });
    expect(total.peek(1)).toBe(first);
  });

  it('is the same as an option of a call, and fills the cache', async () => {
    const total = totals();
    await total(1);
    const written = await commit();
    expect(await total.with({ fresh: true })(1)).toBe(written);
    expect(await total(1)).toBe(written);
    expect(total.statistics.loads).toBe(2);
  });

  it('drops what a strategy that waits has collected, of this key alone', async () => {
    const clock = new ManualClock();
    const total = totals({ strategy: patient(), clock });
    const [one, two] = await Promise.all([total(1), total(2)]);
    await shop.change(1);
    await shop.change(2);
    expect(await total(1)).toBe(one);
    expect(await total.fresh(1)).not.toBe(one);
    expect(await total(1)).not.toBe(one);
    expect(await total(2)).toBe(two);
    expect(total.statistics.invalidations.change).toBe(1);
  });

  it('goes by the changes that count: those that a predicate lets through', async () => {
    const total = totals({ strategy: greedy({ predicate: ({ operation }) => operation === 'delete' }) });
    const before = await total(1);
    await commit();
    expect(await total.fresh(1)).toBe(before);
  });

  it('joins no load that a change overtook, and one that none has', async () => {
    const { load, loads } = manualLoader<string>();
    const options = { source: shop.source, dependsOn: (id: number) => [row('orders', { id })] };
    const cached = shop.kept(cache((id: number) => load(id), options));
    const [one, two] = [cached(1), cached(2)];
    await commit(1);
    const [freshOne, freshTwo] = [cached.fresh(1), cached.fresh(2)];
    await until(() => loads.length === 3, 'the load of the first');
    loads.forEach(({ finish }, i) => {
      finish(`load ${i}`);
    });
    expect(await Promise.all([one, two, freshOne, freshTwo])).toEqual([
      'load 0',
      'load 1',
      'load 2',
      'load 1',
    ]);
  });

  it('does not settle for a load that tells too late what it depends on', async () => {
    const loads: { finish(value: string): void; context: LoadContext }[] = [];
    const cached = shop.kept(
      cache(
        (_id: number, context: LoadContext) =>
          new Promise<string>((finish) => {
            loads.push({ finish, context });
          }),
        { source: shop.source, context: true },
      ),
    );
    const first = cached(1);
    await commit(1);
    const fresh = cached.fresh(1);
    await until(() => cached.statistics.hits === 1, 'the call that joins');
    loads[0]?.context.dependsOn(row('orders', { id: 1 }));
    loads[0]?.finish('old');
    expect(await first).toBe('old');
    await until(() => loads.length === 2, 'the load that is not overtaken');
    loads[1]?.finish('new');
    expect(await fresh).toBe('new');
  });

  it('is never served a value past its time, nor made up for by one', async () => {
    const clock = new ManualClock();
    let fails = false;
    let loads = 0;
    const load = async () => {
      if (fails) throw new Error('away');
      return ++loads;
    };
    const options = { source: shop.source, dependsOn: ['orders'], clock, ttlMs: 500 };
    const cached = shop.kept(cache(load, { ...options, staleWhileRevalidateMs: 1000, staleIfErrorMs: 1000 }));
    await cached();
    await commit();
    expect(await cached.fresh()).toBe(2);
    clock.advance(500);
    expect(await cached.fresh()).toBe(3);
    await shop.change();
    fails = true;
    await expect(cached.fresh()).rejects.toThrow('away');
    expect(await cached()).toBe(3);
  });

  it('goes to the database if the connection is lost meanwhile, and while it is', async () => {
    const { source, lose, mend } = await shop.breakable();
    let loads = 0;
    const cached = shop.kept(cache(async () => ++loads, { source }));
    await cached();
    const lost = lose();
    const meanwhile = cached.fresh();
    await lost;
    expect(await meanwhile).toBe(2);
    expect(await cached.fresh()).toBe(3);
    expect(cached.statistics).toMatchObject({ bypasses: 2, entries: 1 });
    await mend();
    expect(await cached.fresh()).toBe(4);
    expect(await cached.fresh()).toBe(4);
  });

  it('rejects as soon as the caller stops waiting', async () => {
    const total = totals();
    const controller = new AbortController();
    const answer = total.with({ fresh: true, signal: controller.signal })(1);
    controller.abort(new Error('left'));
    await expect(answer).rejects.toThrow('left');
    expect(total.statistics.loads).toBe(0);
  });

  it('of a cache that is closed meanwhile goes to the database', async () => {
    const total = totals();
    const before = await total(1);
    const answer = total.fresh(1);
    total.close();
    expect(await answer).toBe(before);
    expect(total.statistics).toMatchObject({ bypasses: 1, entries: 0 });
  });
});
