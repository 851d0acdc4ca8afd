import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CachedFunction, cache, createSource, greedy, row, table } from '../../src/index.js';
import { manualLoader, openShop, type Shop } from './setup.js';

describe('a cached function', () => {
  let shop: Shop;
  const made: { close(): void }[] = [];
  const kept = <C extends { close(): void }>(cached: C): C => {
    made.push(cached);
    return cached;
  };

  beforeAll(async () => {
    shop = await openShop();
  });
  afterEach(() => {
    for (const cached of made.splice(0)) cached.close();
  });
  afterAll(() => shop.close());

  const totals = () =>
    kept(
      cache(
        async (id: number): Promise<string> => {
          const { rows } = await shop.database.query('select total from orders where id = $1', [id]);
          return rows[0]?.total;
        },
        { source: shop.source, dependsOn: (id) => [row('orders', { id })], name: 'totals' },
      ),
    );

  test('loads once, and gives the same promise to everybody', async () => {
    const total = totals();
    const first = total(1);
    expect(total(1)).toBe(first);
    await first;
    expect(total(1)).toBe(first);
    expect(total.peek(1)).toBe(first);
    expect(total.peek(2)).toBeUndefined();
    expect(total.statistics).toMatchObject({
      hits: 2,
      misses: 1,
      loads: 1,
      failures: 0,
      bypasses: 0,
      entries: 1,
    });
    expect(total.name).toBe('totals');
  });

  test('is dropped by a change of its row, made by anyone, and by no other', async () => {
    const total = totals();
    await Promise.all([total(1), total(2)]);
    await shop.write('update orders set total = total + 1 where id = 1');
    expect(total.peek(1)).toBeUndefined();
    expect(total.peek(2)).toBeDefined();
    const { rows } = await shop.database.query('select total from orders where id = 1');
    expect(await total(1)).toBe(rows[0].total);
    expect(total.statistics.invalidations).toMatchObject({ change: 1, gap: 0, clear: 0 });
  });

  test('of a row that does not exist yet is dropped when it does', async () => {
    const total = totals();
    expect(await total(100)).toBeUndefined();
    await shop.write('insert into orders values (100, 1)');
    expect(await total(100)).toBe('1');
    await shop.write('delete from orders where id = 100');
    expect(await total(100)).toBeUndefined();
  });

  test('is dropped under the old key and under the new one', async () => {
    const total = totals();
    await shop.write('insert into orders values (200, 7)');
    expect([await total(200), await total(201)]).toEqual(['7', undefined]);
    await shop.write('update orders set id = 201 where id = 200');
    expect([await total(200), await total(201)]).toEqual([undefined, '7']);
    await shop.write('delete from orders where id = 201');
  });

  test('is dropped by whatever concerns the whole table', async () => {
    const total = totals();
    await shop.write('create table if not exists saved as table orders');
    await Promise.all([total(1), total(2)]);
    await shop.write('truncate orders; insert into orders table saved');
    expect([total.peek(1), total.peek(2)]).toEqual([undefined, undefined]);
  });

  test('is dropped by any row of a table that it depends on as a whole, and by no other table', async () => {
    const { load, loads } = manualLoader<number>();
    const count = kept(cache(load, { source: shop.source, dependsOn: [table('items')] }));
    void count();
    await shop.write('update orders set total = total + 1');
    expect(count.peek()).toBeDefined();
    await shop.write('update items set price = price + 1 where line = 2');
    expect(count.peek()).toBeUndefined();
    loads[0]?.finish(1);
  });

  test('without dependsOn, is dropped by a change of any watched table', async () => {
    const { load } = manualLoader<number>();
    const all = kept(cache(load, { source: shop.source }));
    for (const sql of [
      'update orders set total = 1',
      'delete from items where line = 2',
      'insert into prices values (1)',
    ]) {
      void all();
      await shop.write(sql);
      expect(all.peek()).toBeUndefined();
    }
    await shop.write(`insert into items values (1, 2, 5) on conflict do nothing`);
  });

  test('depends on a row by all columns of its key, or on several by some of them', async () => {
    const { load } = manualLoader<number>();
    const line = kept(
      cache((order: number, number: number) => load(order, number), {
        source: shop.source,
        dependsOn: (order_id, line) => [row('items', { line, order_id })],
      }),
    );
    const ofOrder = kept(
      cache((id: number) => load(id), {
        source: shop.source,
        dependsOn: (order_id) => [row('items', { order_id })],
      }),
    );
    void [line(1, 1), line(2, 1), ofOrder(1), ofOrder(2)];
    await shop.write('update items set price = price + 1 where order_id = 2');
    expect([line.peek(1, 1) !== undefined, line.peek(2, 1)]).toEqual([true, undefined]);
    expect([ofOrder.peek(1) !== undefined, ofOrder.peek(2)]).toEqual([true, undefined]);
  });

  test('depends on the whole table where equal keys can have several texts', async () => {
    const { load } = manualLoader<number>();
    const price = kept(cache(load, { source: shop.source, dependsOn: [row('prices', { amount: '2.0' })] }));
    void price();
    await shop.write('insert into prices values (2.00)');
    expect(price.peek()).toBeUndefined();
  });

  test('two caches on one source both drop on one change', async () => {
    const [a, b] = [totals(), totals()];
    await Promise.all([a(1), b(1)]);
    await shop.write('update orders set total = total + 1 where id = 1');
    expect([a.peek(1), b.peek(1)]).toEqual([undefined, undefined]);
  });

  test('with a predicate, is dropped by matching changes only', async () => {
    const { load } = manualLoader<number>();
    const strategy = greedy({ predicate: ({ operation }) => operation === 'delete' });
    const cached = kept(cache(load, { source: shop.source, strategy, dependsOn: ['orders'] }));
    void cached();
    await shop.write('insert into orders values (300, 0)');
    expect(cached.peek()).toBeDefined();
    await shop.write('delete from orders where id = 300');
    expect(cached.peek()).toBeUndefined();
  });

  test('with a predicate that throws, is emptied, and the others are not harmed', async () => {
    const strategy = greedy({
      predicate: () => {
        throw new Error('from the predicate');
      },
    });
    const { load } = manualLoader<number>();
    const bad = kept(cache(load, { source: shop.source, strategy, dependsOn: ['orders'] }));
    const good = totals();
    const errors: Error[] = [];
    const off = shop.source.on('error', (error) => errors.push(error));
    void bad();
    await good(1);
    await shop.write('update orders set total = total + 1 where id = 1');
    expect([bad.peek(), good.peek(1)]).toEqual([undefined, undefined]);
    expect(errors).toMatchObject([
      { code: 'CALLBACK', message: expect.stringContaining('from the predicate') },
    ]);
    off();
  });

  test('a load that a change overtook reaches its callers, and nobody after', async () => {
    const { load, loads } = manualLoader<string>();
    const cached = kept(
      cache((id: number) => load(id), { source: shop.source, dependsOn: (id) => [row('orders', { id })] }),
    );
    const [first, second] = [cached(1), cached(1)];
    await shop.write('update orders set total = total + 1 where id = 1');
    loads[0]?.finish('old');
    expect([await first, await second]).toEqual(['old', 'old']);
    const third = cached(1);
    expect(loads).toHaveLength(2);
    loads[1]?.finish('new');
    expect(await third).toBe('new');
    expect(await cached(1)).toBe('new');
  });

  test('a load that a change overtook, and that fails late, does not disturb the one that came after', async () => {
    const { load, loads } = manualLoader<string>();
    const cached = kept(
      cache((id: number) => load(id), { source: shop.source, dependsOn: (id) => [row('orders', { id })] }),
    );
    const first = cached(1);
    await shop.write('update orders set total = total + 1 where id = 1');
    const second = cached(1);
    loads[0]?.fail(new Error('late'));
    await expect(first).rejects.toThrow('late');
    expect(cached.peek(1)).toBe(second);
    loads[1]?.finish('new');
    expect(await cached(1)).toBe('new');
    expect(loads).toHaveLength(2);
  });

  test('nobody sees one table of a transaction dropped and the other not, not even a predicate', async () => {
    const seen: boolean[][] = [];
    const caches: CachedFunction<[], number>[] = [];
    const look = () => seen.push(caches.map((cached) => cached.peek() !== undefined)) > 0;
    const strategy = greedy({ predicate: look });
    for (const name of ['orders', 'items', 'orders', 'items']) {
      caches.push(
        kept(cache(manualLoader<number>().load, { source: shop.source, strategy, dependsOn: [name] })),
      );
    }
    const offs = [shop.source.on('transaction', look), shop.source.on('change', look)];
    for (const cached of caches) void cached();
    await shop.write('begin; update orders set total = 1; update items set price = 1; commit');
    for (const off of offs) off();
    expect(seen.length).toBeGreaterThan(4);
    for (const [first, ...rest] of seen) expect(rest.every((one) => one === first)).toBe(true);
    expect(seen.at(-1)).toEqual([false, false, false, false]);
  });

  test('a failed load is not kept, whether it throws or rejects', async () => {
    let calls = 0;
    const failing = kept(
      cache(
        (late: boolean): Promise<number> => {
          calls++;
          if (!late) throw new Error('at once');
          return Promise.reject(new Error('late'));
        },
        { source: shop.source },
      ),
    );
    await expect(failing(false)).rejects.toThrow('at once');
    await expect(failing(false)).rejects.toThrow('at once');
    await expect(failing(true)).rejects.toThrow('late');
    expect(calls).toBe(3);
    expect(failing.statistics).toMatchObject({ failures: 3, loads: 3, entries: 0 });
  });

  test('undefined and null are values', async () => {
    let calls = 0;
    const load = (value: null | undefined) => {
      calls++;
      return value;
    };
    const nothing = kept(cache(load, { source: shop.source }));
    expect([
      await nothing(null),
      await nothing(undefined),
      await nothing(null),
      await nothing(undefined),
    ]).toEqual([null, undefined, null, undefined]);
    expect(calls).toBe(2);
  });

  test('invalidate drops one, clear drops all, close goes past the cache for ever', async () => {
    const total = totals();
    await Promise.all([total(1), total(2)]);
    expect(total.invalidate(1)).toBe(true);
    expect(total.invalidate(1)).toBe(false);
    expect(total.statistics.entries).toBe(1);
    total.clear();
    expect(total.statistics).toMatchObject({ entries: 0, invalidations: { invalidate: 1, clear: 1 } });
    total.close();
    await total(1);
    await total(1);
    expect(total.statistics).toMatchObject({ bypasses: 2, entries: 0 });
  });

  test('no more than max entries are kept, and those that are not used go first', async () => {
    const cached = kept(cache(async (n: number) => n, { source: shop.source, max: 2 }));
    await cached(1);
    await cached(2);
    await cached(1);
    await cached(3);
    expect([cached.peek(1) !== undefined, cached.peek(2), cached.peek(3) !== undefined]).toEqual([
      true,
      undefined,
      true,
    ]);
    expect(cached.statistics).toMatchObject({ entries: 2, invalidations: { evicted: 1 } });
  });

  test('an entry is not served when it is older than ttlMs, counted from before its load', async () => {
    let loads = 0;
    const cached = kept(cache(async () => ++loads, { source: shop.source, ttlMs: 30 }));
    expect(await cached()).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(cached.peek()).toBeUndefined();
    expect(await cached()).toBe(2);
    expect(cached.statistics.invalidations.expired).toBe(1);
  });

  test('calls are told apart by what `key` returns, where it is given', async () => {
    const cached = kept(
      cache(async (who: { id: number; token: symbol }) => who.id, {
        source: shop.source,
        key: ({ id }) => id,
      }),
    );
    const first = cached({ id: 1, token: Symbol('a') });
    expect(cached({ id: 1, token: Symbol('b') })).toBe(first);
    expect(cached({ id: 2, token: Symbol('a') })).not.toBe(first);
  });

  test('arguments that no key can be made of reject', async () => {
    const cached = kept(cache(async (f: () => void) => f, { source: shop.source }));
    await expect(cached(() => {})).rejects.toMatchObject({ code: 'BAD_KEY' });
  });

  test('a source that is not live is gone past, every time', async () => {
    const idle = createSource({ connection: shop.database.url });
    let loads = 0;
    const cached = cache(async () => ++loads, { source: idle });
    expect([await cached(), await cached(), cached.peek()]).toEqual([1, 2, undefined]);
    expect(cached.statistics).toMatchObject({ bypasses: 2, loads: 2, entries: 0 });
    await idle.close();
  });

  test('a table that is not watched is refused: at once, or by the call', async () => {
    const { source } = shop;
    const { load, loads } = manualLoader<number>();
    const expected = { code: 'NOT_WATCHED', remedy: expect.stringContaining('pgcachewatch install') };
    expect(() => cache(load, { source, dependsOn: ['unwatched'] })).toThrow(
      expect.objectContaining(expected),
    );
    const dynamic = kept(cache(load, { source, dependsOn: () => [row('no_such_table', { id: 1 })] }));
    await expect(dynamic()).rejects.toMatchObject(expected);
    const wrongColumn = kept(cache(load, { source, dependsOn: () => [row('orders', { idd: 1 })] }));
    await expect(wrongColumn()).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('idd'),
    });
    expect(loads).toHaveLength(0);
  });

  test('options that cannot be meant are refused at once', () => {
    const { source } = shop;
    const bad = expect.objectContaining({ code: 'BAD_OPTION' });
    const make = (options: object) => () =>
      Reflect.apply(cache, undefined, [async () => 1, { source, ...options }]);
    expect(make({ source: undefined })).toThrow(bad);
    expect(make({ max: 0 })).toThrow(bad);
    expect(make({ ttlMs: -1 })).toThrow(bad);
    expect(make({ ttl: 5 })).toThrow(bad);
    expect(make({ dependsOn: 'orders' })).toThrow(bad);
    expect(make({ strategy: 'greedy' })).toThrow(bad);
    expect(() => row('orders', {})).toThrow(bad);
    expect(() => createSource({ silenceLimitMs: 0 })).toThrow(bad);
    expect(() => createSource({ tables: [] })).toThrow(bad);
    expect(() => createSource({ tables: ['x; drop table y'] })).toThrow(
      expect.objectContaining({ code: 'BAD_TABLE_NAME' }),
    );
  });
});
