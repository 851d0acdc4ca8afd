import { describe, expect, it } from 'vitest';
import { cache, cacheMany } from '../../src/index.js';
import { type Options, useShop } from './use-shop.js';

interface Order {
  id: number;
  lines: { price: number }[];
}

describe('a value', () => {
  const shop = useShop();

  function orders(options: Options<[id: number], Order> = {}) {
    const load = async (id: number): Promise<Order> => ({ id, lines: [{ price: 1 }] });
    return shop.kept(cache(load, { source: shop.source, dependsOn: ['orders'], ...options }));
  }

  it('is the same for all callers', async () => {
    const order = orders();
    const [first, joined] = await Promise.all([order(1), order(1)]);
    expect(joined).toBe(first);
    expect(await order(1)).toBe(first);
    expect(Object.isFrozen(first)).toBe(false);
  });

  describe('with clone', () => {
    it('is a copy for every caller, of which a change reaches nobody', async () => {
      const order = orders({ clone: true });
      const answers = [order(1), order(1), order.fresh(1), order.with({})(1), order.peek(1)];
      const values = await Promise.all(answers);
      expect(new Set(values).size).toBe(5);
      for (const value of values) {
        expect(value).toEqual({ id: 1, lines: [{ price: 1 }] });
        value?.lines.push({ price: 2 });
      }
      expect(await order(1)).toEqual({ id: 1, lines: [{ price: 1 }] });
      expect(order.statistics.loads).toBe(1);
    });

    it('is copied by the function given, and by getMany, and past its time', async () => {
      const clone = ({ id }: Order): Order => ({ id, lines: [] });
      const order = orders({ clone, staleWhileRevalidateMs: 60_000 });
      expect(await order(1)).toEqual({ id: 1, lines: [] });
      await shop.change();
      const [a, b] = [await order(1), await order(1)];
      expect(a).toEqual({ id: 1, lines: [] });
      expect(a).not.toBe(b);
      const many = shop.kept(
        cacheMany(async (ids: readonly number[]) => ids.map((id) => ({ id, lines: [] })), {
          source: shop.source,
          clone,
        }),
      );
      const [c, d] = await many.getMany([1, 1]);
      expect(c).toEqual(d);
      expect(c).not.toBe(d);
    });

    it('that cannot be copied fails the call, and not those who could do with it', async () => {
      let refused = 1;
      const clone = (value: Order): Order => {
        if (refused-- > 0) throw new Error('no copy');
        return value;
      };
      const order = orders({ clone });
      await expect(order(1)).rejects.toThrow('no copy');
      expect(await order(1)).toMatchObject({ id: 1 });
      const functions = shop.kept(
        cache(async () => ({ call: () => 1 }), { source: shop.source, clone: true }),
      );
      await expect(functions()).rejects.toThrow('could not be cloned');
    });
  });

  describe('with freeze', () => {
    it('is frozen with all that it is made of, before anyone gets it', async () => {
      const order = orders({ freeze: true });
      const [first, joined] = await Promise.all([order(1), order(1)]);
      expect(joined).toBe(first);
      expect(() => first.lines.push({ price: 2 })).toThrow(TypeError);
      expect(() => Object.assign(first.lines[0] ?? {}, { price: 2 })).toThrow(TypeError);
      order.close();
      expect(Object.isFrozen(await order(1))).toBe(true);
    });

    it('is frozen within what is frozen already, and where it contains itself', async () => {
      const inner = { list: [{ n: 1 }] };
      const value: Record<PropertyKey, unknown> = { inner, [Symbol.for('s')]: { n: 1 } };
      value.self = value;
      const frozen = shop.kept(
        cache(async () => Object.freeze(value), { source: shop.source, freeze: true }),
      );
      expect(await frozen()).toBe(value);
      for (const each of [inner, inner.list, inner.list[0], value[Symbol.for('s')]]) {
        expect(Object.isFrozen(each)).toBe(true);
      }
    });

    it('holds what cannot be frozen as it is', async () => {
      class Counter {
        n = 0;
      }
      let isAsked = false;
      const value = {
        date: new Date(0),
        map: new Map([[1, { n: 1 }]]),
        bytes: Buffer.from('abc'),
        counter: new Counter(),
        nothing: null,
        get lazy() {
          isAsked = true;
          return { n: 1 };
        },
      };
      const frozen = shop.kept(cache(async () => value, { source: shop.source, freeze: true }));
      const got = await frozen();
      got.date.setTime(5);
      got.map.set(2, { n: 2 });
      got.bytes[0] = 0x62;
      got.counter.n++;
      expect([got.date.getTime(), got.map.size, got.bytes.toString(), got.counter.n]).toEqual([
        5,
        2,
        'bbc',
        1,
      ]);
      expect(isAsked).toBe(false);
    });

    it('is frozen in a batch, key by key', async () => {
      const load = async (ids: readonly number[]) => new Map(ids.map((id) => [id, { id }]));
      const many = shop.kept(cacheMany(load, { source: shop.source, freeze: true }));
      expect((await many.getMany([1, 2, 1])).map((value) => Object.isFrozen(value))).toEqual([
        true,
        true,
        true,
      ]);
    });
  });

  it.each([
    'key',
    'dependsOn',
  ])('of a call whose %s throws is not loaded, and the call rejects', async (name) => {
    const thrower = () => {
      throw new Error(`from ${name}`);
    };
    let loads = 0;
    const options = { source: shop.source, [name]: thrower };
    const cached = shop.kept(cache(async (_id: number) => ++loads, options));
    for (const call of [cached, cached.fresh, cached.with({})])
      await expect(call(1)).rejects.toThrow(`from ${name}`);
    expect([loads, cached.statistics.entries]).toEqual([0, 0]);
    if (name === 'key') expect(() => cached.peek(1)).toThrow('from key');
    else expect(cached.explain(1)).toMatchObject({ status: 'absent', reason: 'from dependsOn' });
  });

  const wrong: [what: string, dependsOn: () => unknown][] = [
    ['a promise', async () => ['orders']],
    ['a number', () => 5],
    ['a text', () => 'orders'],
    ['nothing', () => undefined],
    ['a list of something else', () => [{ id: 1 }]],
    ['a list of nothing', () => [undefined]],
  ];
  it.each(
    wrong,
  )('of which dependsOn gives %s for a list would never be dropped: it is refused', async (_, dependsOn) => {
    const options = { source: shop.source, dependsOn: dependsOn as () => string[] };
    const cached = shop.kept(cache(async () => 1, options));
    await expect(cached()).rejects.toMatchObject({ code: 'BAD_OPTION' });
    expect(cached.statistics.loads).toBe(0);
  });

  it('of which an iterator lists the dependencies is dropped, also after a reconnect', async () => {
    const { source, lose, mend } = await shop.breakable();
    const cached = shop.kept(cache(async () => 1, { source, dependsOn: new Set(['orders']).values() }));
    await lose();
    await mend();
    await cached();
    await shop.change();
    await source.caughtUp();
    expect(cached.peek()).toBeUndefined();
  });
});
