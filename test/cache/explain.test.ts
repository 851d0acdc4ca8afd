import { describe, expect, it } from 'vitest';
import { cache, createSource, type LoadContext, row, table, uncached, windowed } from '../../src/index.js';
import { commitPlan, planUninstall } from '../../src/install/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { until } from '../support/until.js';
import { manualLoader, openShop } from './setup.js';
import { type Options, useShop } from './use-shop.js';

describe('explain', () => {
  const shop = useShop();
  const order = { table: 'public.orders', row: { id: '1' } };

  function orders(options: Options<[id: number], string> = {}) {
    const { load, loads } = manualLoader<string>();
    const clock = new ManualClock();
    const dependsOn = (id: number) => [row('orders', { id }), table('items')];
    const all = { source: shop.source, clock, dependsOn, ...options };
    const cached = shop.kept(cache((id: number) => load(id), all));
    return { cached, loads, clock };
  }

  it('says of what was never asked for what it would depend on', () => {
    const { cached, loads } = orders({ ttlMs: 5000, max: 7 });
    expect(cached.explain(1)).toMatchObject({
      key: 1,
      status: 'absent',
      reason: expect.stringContaining('not asked for'),
      ageMs: null,
      dependencies: [order, { table: 'public.items', row: null }],
      isToBeDropped: false,
      lastDrop: null,
    });
    expect(cached.explain(1).dropsWhen).toEqual([
      'a change of a row of public.orders with id = 1, before or after',
      'any change of public.items',
      'it is 5000 ms old',
      expect.stringContaining('gap'),
      expect.stringContaining('more than 7 entries'),
    ]);
    expect([loads.length, cached.statistics.misses]).toEqual([0, 0]);
  });

  it('says of a value whether it is loading or cached, and its age, counted from before its load', async () => {
    const { cached, loads, clock } = orders();
    const answer = cached(1);
    clock.advance(30);
    expect(cached.explain(1)).toMatchObject({ status: 'loading', ageMs: 30, dependencies: [order, {}] });
    loads[0]?.finish('done');
    await answer;
    clock.advance(12);
    expect(cached.explain(1)).toMatchObject({ status: 'cached', ageMs: 42, dependencies: [order, {}] });
    expect(cached.statistics).toMatchObject({ hits: 0, misses: 1 });
  });

  it('says what dropped the last one: the change without images, the cause, and when', async () => {
    const { cached, loads, clock } = orders({ ttlMs: 100 });
    const load = () => {
      const answer = cached(1);
      loads.at(-1)?.finish('done');
      return answer;
    };
    await load();
    const before = Date.now();
    await shop.change(1);
    expect(cached.explain(1)).toMatchObject({
      status: 'absent',
      reason: expect.stringMatching(/^It was dropped at .*: update of public\.orders\.$/),
      lastDrop: { cause: 'change', change: { operation: 'update', key: { id: 1 }, after: null } },
    });
    expect(cached.explain(1).lastDrop?.at.getTime()).toBeGreaterThanOrEqual(before);
    await load();
    expect(cached.explain(1)).toMatchObject({ status: 'cached', lastDrop: { cause: 'change' } });
    cached.invalidate(1);
    expect(cached.explain(1).lastDrop).toMatchObject({ cause: 'invalidate', change: null });
    await load();
    clock.advance(100);
    expect(cached.explain(1)).toMatchObject({ status: 'absent', ageMs: null });
    void load();
    expect(cached.explain(1).lastDrop).toMatchObject({ cause: 'expired' });
    expect(cached.explain(2).lastDrop).toBeNull();
  });

  it('says whether a change has concerned it that the strategy has yet to act on', async () => {
    const { cached, loads, clock } = orders({ strategy: windowed({ size: 100, maxWaitMs: 1000 }) });
    const answers = [cached(1), cached(2)];
    for (const { finish } of loads) finish('done');
    await Promise.all(answers);
    await shop.change(1);
    expect(cached.explain(1)).toMatchObject({ status: 'cached', isToBeDropped: true });
    expect(cached.explain(2)).toMatchObject({ status: 'cached', isToBeDropped: false });
    clock.advance(1000);
    expect(cached.explain(1)).toMatchObject({ status: 'absent', isToBeDropped: false });
  });

  it('says that it may depend on any watched table, where nothing was said', async () => {
    const { cached } = orders({ dependsOn: undefined });
    expect(cached.explain(1)).toMatchObject({ dependencies: null });
    expect(cached.explain(1).dropsWhen[0]).toBe('any change of a watched table');
    void cached(1);
    expect(cached.explain(1)).toMatchObject({ status: 'loading', dependencies: null });
  });

  it('says what a load has told, when that is over', async () => {
    let finish = () => {};
    const open = new Promise<void>((resolve) => (finish = resolve));
    const load = async (id: number, { dependsOn }: LoadContext) => {
      dependsOn(row('orders', { id }));
      await open;
      return id;
    };
    const cached = shop.kept(cache(load, { source: shop.source, context: true }));
    const told = {
      dependencies: null,
      dropsWhen: expect.arrayContaining(['a change of what its load tells']),
    };
    expect(cached.explain(1)).toMatchObject({ status: 'absent', ...told });
    const answer = cached(1);
    expect(cached.explain(1)).toMatchObject({ status: 'loading', ...told });
    finish();
    await answer;
    expect(cached.explain(1)).toMatchObject({ status: 'cached', dependencies: [order] });
  });

  it('says why a call goes past the cache', async () => {
    const { cached, loads } = orders();
    void cached(1);
    loads[0]?.finish('done');
    const idle = shop.kept(createSource({ connection: shop.database.url }));
    expect(orders({ source: idle }).cached.explain(1)).toMatchObject({
      status: 'unusable',
      reason: 'The source is idle.',
      dependencies: null,
      dropsWhen: [expect.stringContaining('gap'), expect.stringContaining('10000 entries')],
    });
    expect(uncached(() => cached.explain(1))).toMatchObject({
      status: 'unusable',
      reason: expect.stringContaining('uncached()'),
    });
    cached.close();
    expect(cached.explain(1)).toMatchObject({
      status: 'unusable',
      reason: 'The cache is closed.',
      lastDrop: { cause: 'clear' },
    });
  });

  it('says that a value is served though the source is interrupted, for as long as it is', async () => {
    const { source, lose } = await shop.breakable();
    const { cached, loads, clock } = orders({ source, whenInterrupted: { serveStaleForMs: 1000 } });
    const answer = cached(1);
    loads[0]?.finish('done');
    await answer;
    void cached(3);
    await lose();
    clock.advance(999);
    expect(cached.explain(1)).toMatchObject({
      status: 'cached',
      reason: expect.stringMatching(/in the cache.*interrupted.*serveStaleForMs/),
      ageMs: 999,
      dependencies: [order, {}],
    });
    expect(cached.explain(3)).toMatchObject({ status: 'loading' });
    const away = { status: 'unusable', reason: 'The source is interrupted.' };
    expect(cached.explain(2)).toMatchObject(away);
    expect(uncached(() => cached.explain(1))).toMatchObject(away);
    expect(await cached(1)).toBe('done');
    clock.advance(1);
    expect(cached.explain(1)).toMatchObject(away);
    void cached(1);
    expect([loads.length, cached.statistics.bypasses]).toEqual([3, 1]);
  });

  it('says what is wrong with the dependencies, where a call would reject', () => {
    const { cached } = orders({ dependsOn: () => ['unwatched'] });
    expect(cached.explain(1)).toMatchObject({
      status: 'absent',
      reason: expect.stringContaining('unwatched'),
      dependencies: null,
    });
    expect(cached.explain(1).dropsWhen).not.toContain('any change of a watched table');
  });

  it('says that a table is not watched any more, so that its values are loaded every time', async () => {
    const own = shop.kept(await openShop({ silenceLimitMs: 200 }));
    const cached = shop.kept(cache(async () => 1, { source: own.source, dependsOn: ['orders'] }));
    await cached();
    const client = await own.database.client();
    await commitPlan(client, await planUninstall(client, { tables: ['orders'] }));
    // On a busy machine, the source may be interrupted in between.
    const reason = 'A table that it depends on is not watched any more.';
    await until(() => cached.explain().reason === reason, reason);
    expect(cached.explain()).toMatchObject({ status: 'unusable', dependencies: null });
  });

  it('remembers, of very many that go at once, those that were used last', async () => {
    const cached = shop.kept(cache(async (n: number) => n, { source: shop.source }));
    for (let n = 0; n < 1001; n++) void cached(n);
    cached.clear();
    expect([cached.explain(1000).lastDrop?.cause, cached.explain(0).lastDrop]).toEqual(['clear', null]);
  });

  it('refuses arguments of which there is no key, as a call does', () => {
    const cached = shop.kept(cache(async (_: unknown) => 1, { source: shop.source }));
    expect(() => cached.explain(() => {})).toThrow(expect.objectContaining({ code: 'BAD_KEY' }));
  });
});
