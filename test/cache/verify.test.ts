import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cache, type LoadContext, type Logger, row, type VerifyReport, windowed } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { until } from '../support/until.js';
import { type Options, useShop } from './use-shop.js';

interface Value {
  readonly total: string;
  readonly price: string;
}

describe('verify', () => {
  const logged: { details: object; message: string }[] = [];
  const note = (details: object, message: string) => void logged.push({ details, message });
  const nothing = () => {};
  const logger: Logger = { debug: nothing, info: nothing, warn: note, error: note };
  const shop = useShop({ logger });
  const silent = useShop();

  /** Reads orders and items, and says so, or forgets the items. */
  function readings(dependsOn: string[], options: Options<[id: number], Value> = {}) {
    const reports: VerifyReport[] = [];
    const state = { loads: 0, hook: async () => {} };
    const load = async (id: number): Promise<Value> => {
      state.loads++;
      const { rows } = await shop.database.query(
        'select total, (select price from items where order_id = $1 and line = 1) from orders where id = $1',
        [id],
      );
      await state.hook();
      return rows[0];
    };
    const verify = { sampleRate: 1, onWrong: (report: VerifyReport) => void reports.push(report) };
    const all = { source: shop.source, dependsOn, verify, name: 'readings', ...options };
    const cached = shop.kept(cache(load, all));
    const verified = async (count: number) => {
      await until(() => cached.statistics.verified === count, 'the second load');
      await shop.source.caughtUp();
      await turn();
    };
    return { cached, reports, state, verified };
  }

  it('finds a missing dependency: names the change, and where the values differ', async () => {
    const clock = new ManualClock();
    const { cached, reports, verified } = readings(['orders'], { clock });
    const messages: unknown[] = [];
    const listener = (message: unknown) => void messages.push(message);
    subscribe('pgcachewatch:verify', listener);
    logged.length = 0;
    const first = await cached(1);
    clock.advance(50);
    await shop.write('insert into prices values (4711)');
    await shop.write('update items set price = price + 1 where order_id = 1 and line = 1');
    expect(await cached(1)).toBe(first);
    await verified(1);
    unsubscribe('pgcachewatch:verify', listener);
    const after = Number(first.price) + 1;
    expect(reports).toMatchObject([
      {
        key: 1,
        args: [1],
        ageMs: 50,
        differences: [{ path: ['price'], cached: first.price, loaded: after.toFixed(2) }],
        suspects: [
          { table: 'items', operation: 'update', after: null },
          { table: 'prices', operation: 'insert' },
        ],
      },
    ]);
    expect(messages).toEqual([{ cache: 'readings', ...reports[0] }]);
    expect(logged).toMatchObject([
      {
        details: { remedy: expect.stringContaining('public.items') },
        message: expect.stringContaining('readings'),
      },
    ]);
    expect(cached.statistics).toMatchObject({ verified: 1, wrong: 1 });
  });

  it('says that nothing has changed, where the function depends on something else', async () => {
    let n = 0;
    const reports: VerifyReport[] = [];
    const verify = { sampleRate: 1, onWrong: (report: VerifyReport) => void reports.push(report) };
    const cached = shop.kept(cache(async () => [{ n: n++ }], { source: shop.source, verify }));
    await cached();
    await cached();
    await until(() => reports.length > 0, 'the report');
    expect(reports).toMatchObject([
      { suspects: [], differences: [{ path: [0, 'n'], cached: 0, loaded: 1 }] },
    ]);
    expect(logged.at(-1)?.details).toMatchObject({ remedy: expect.stringContaining('something else') });
  });

  it('reports nothing where the values are the same, or are dropped as they should be', async () => {
    const { cached, reports, verified } = readings(['orders', 'items']);
    await cached(1);
    await cached(1);
    await verified(1);
    await shop.database.query('update items set price = price + 1');
    await cached(1);
    await cached(1);
    await shop.source.caughtUp();
    await turn();
    expect([reports, cached.statistics.wrong]).toEqual([[], 0]);
  });

  it('reports nothing of what changes while it looks', async () => {
    const { cached, reports, state, verified } = readings(['orders', 'items']);
    await cached(1);
    await shop.database.query('begin');
    await shop.database.query('update orders set total = total + 5');
    // It reads, on the same connection, what others do not see yet; and that is committed as it compares.
    state.hook = () => shop.database.query('commit').then(() => {});
    await cached(1);
    await verified(1);
    expect(reports).toEqual([]);
    expect(cached.peek(1)).toBeUndefined();
  });

  it('reports nothing that a strategy has yet to act on', async () => {
    const clock = new ManualClock();
    const strategy = windowed({ size: 100, maxWaitMs: 1000 });
    const { cached, reports, verified } = readings(['orders', 'items'], { strategy, clock });
    const first = await cached(1);
    await shop.change(1);
    expect(await cached(1)).toBe(first);
    await verified(1);
    expect([reports, cached.statistics.wrong]).toEqual([[], 0]);
  });

  it('reports nothing of a second load that fails, and goes on', async () => {
    const { cached, reports, state, verified } = readings(['orders', 'items']);
    await cached(1);
    let failures = 0;
    state.hook = async () => {
      failures++;
      throw new Error('away');
    };
    await cached(1);
    await until(() => failures === 1, 'the second load');
    state.hook = async () => {};
    await turn();
    await cached(1);
    await verified(1);
    expect([reports, cached.statistics.failures]).toEqual([[], 0]);
  });

  it('gives up a second load after loadTimeoutMs, with a warning, and goes on', async () => {
    const clock = new ManualClock();
    const seen: { signal: AbortSignal; finish: () => void }[] = [];
    const load = (id: number, { signal }: LoadContext): Promise<number> =>
      new Promise((resolve) => seen.push({ signal, finish: () => resolve(id) }));
    const verify = { sampleRate: 1 };
    const options = { source: shop.source, name: 'hanging', clock, loadTimeoutMs: 500, verify };
    const cached = shop.kept(cache(load, { ...options, context: true }));
    const first = cached(1);
    seen[0]?.finish();
    await first;
    await cached(1);
    await until(() => seen.length === 2, 'the second load');
    logged.length = 0;
    clock.advance(499);
    expect(seen[1]?.signal.aborted).toBe(false);
    clock.advance(1);
    expect(seen[1]?.signal.aborted).toBe(true);
    await until(() => logged.length > 0, 'the warning');
    expect(logged).toMatchObject([
      {
        details: { cache: 'hanging', remedy: expect.any(String), error: { code: 'LOAD_TIMEOUT' } },
        message: expect.stringMatching(/hit of hanging .* verified: .* loadTimeoutMs, 500 ms/),
      },
    ]);
    await turn();
    await cached(1);
    await until(() => seen.length === 3, 'the next second load');
    seen[2]?.finish();
    await until(() => cached.statistics.verified === 1, 'the comparison');
    expect(clock.timers).toBe(0);
  });

  it.each(['clear', 'close'] as const)('reports nothing after %s', async (end) => {
    const { cached, reports, state } = readings(['orders']);
    await cached(1);
    await shop.write('update items set price = price + 1');
    state.hook = async () => cached[end]();
    await cached(1);
    await until(() => cached.statistics.verified === 1, 'the second load');
    await shop.source.caughtUp();
    await turn();
    expect(reports).toEqual([]);
  });

  it('looks at one hit at a time, at the rate given, and is off by default', async () => {
    const { cached, state, verified } = readings(['orders']);
    await cached(1);
    await Promise.all([cached(1), cached(1), cached(1)]);
    await verified(1);
    expect(state.loads).toBe(2);
    for (const verify of [undefined, { sampleRate: 0 }]) {
      const other = readings(['orders'], { verify });
      await other.cached(1);
      for (let i = 0; i < 50; i++) await other.cached(1);
      expect(other.state.loads).toBe(1);
    }
  });

  it('survives an onWrong that throws, and says so', async () => {
    logged.length = 0;
    let n = 0;
    const onWrong = () => {
      throw new Error('from onWrong');
    };
    const options = { source: shop.source, name: 'odd', verify: { sampleRate: 1, onWrong } };
    const cached = shop.kept(cache(async () => n++, options));
    await cached();
    await cached();
    await until(() => logged.length === 2, 'the log');
    expect(logged[1]?.message).toMatch(/verify\.onWrong of the cache odd has thrown: from onWrong/);
    await turn();
    await cached();
    await until(() => cached.statistics.wrong === 2, 'the second report');
  });

  it('is a warning of the process where there is neither a logger nor onWrong', async () => {
    const warnings: string[] = [];
    const listen = ({ message }: Error) => void warnings.push(message);
    process.on('warning', listen);
    let n = 0;
    const options = { source: silent.source, name: 'unheard', verify: { sampleRate: 1 } };
    const cached = silent.kept(cache(async () => n++, { ...options, dependsOn: [row('orders', { id: 1 })] }));
    await cached();
    await cached();
    await until(() => warnings.some((message) => message.includes('unheard')), 'the warning');
    process.off('warning', listen);
  });
});
