import { expectTypeOf, test } from 'vitest';
import {
  type CachedFunction,
  type CachedMany,
  type CacheOptions,
  type CacheStatistics,
  type ContextCacheOptions,
  cache,
  cacheMany,
  createSource,
  type Explanation,
  type LoadContext,
  type ManyContext,
  row,
  uncached,
} from '../../src/index.js';

const source = createSource();
interface Order {
  id: number;
}

test('every way of calling a cached function has its arguments and its result', () => {
  const order = cache(async (id: number, lang?: string): Promise<Order> => ({ id: lang ? 0 : id }), {
    source,
  });
  expectTypeOf(order).toExtend<CachedFunction<[id: number, lang?: string], Order>>();
  for (const call of [order, order.fresh, order.with({ fresh: true, signal: AbortSignal.timeout(1) })]) {
    expectTypeOf(call).parameters.toEqualTypeOf<[id: number, lang?: string]>();
    expectTypeOf(call).returns.toEqualTypeOf<Promise<Order>>();
  }
  expectTypeOf(order.invalidate).parameters.toEqualTypeOf<[id: number, lang?: string]>();
  expectTypeOf(order.explain).parameters.toEqualTypeOf<[id: number, lang?: string]>();
  expectTypeOf(order.explain(1)).toEqualTypeOf<Explanation>();
  expectTypeOf(order.statistics).toEqualTypeOf<CacheStatistics>();
  // @ts-expect-error a text is no id
  order.fresh('1');
  // @ts-expect-error there is no such option
  order.with({ fersh: true });
});

test('the context of a load is not an argument of the cached function', () => {
  const told = cache(
    async (id: number, lang: string | undefined, context: LoadContext) => {
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      return `${id}${lang}`;
    },
    {
      source,
      context: true,
      dependsOn: (...args) => {
        expectTypeOf(args).toEqualTypeOf<[id: number, lang: string | undefined]>();
        return [];
      },
    },
  );
  expectTypeOf(told).parameters.toEqualTypeOf<[id: number, lang: string | undefined]>();
  expectTypeOf(told).returns.toEqualTypeOf<Promise<string>>();
  expectTypeOf(told.fresh).parameters.toEqualTypeOf<[id: number, lang: string | undefined]>();
  const none = cache((_context: LoadContext) => 1, { source, context: true });
  expectTypeOf(none).parameters.toEqualTypeOf<[]>();
  // @ts-expect-error without the option, it would be for the callers to hand it in
  cache((_id: number, _context: LoadContext) => 1, { source })(1);
});

test('options are about the arguments and the result', () => {
  cache(async (id: number): Promise<Order> => ({ id }), {
    source,
    maxBytes: 5,
    sizeOf: (value) => {
      expectTypeOf(value).toEqualTypeOf<Order>();
      return value.id;
    },
    clone: (value) => ({ ...value }),
  });
  // @ts-expect-error a copy is of the same type
  cache(async (id: number): Promise<Order> => ({ id }), { source, clone: () => 5 });
  // @ts-expect-error dependencies must be there before the load
  cache(async (id: number) => id, { source, dependsOn: async () => ['orders'] });
  // @ts-expect-error serving stale values has an end
  cache(async (id: number) => id, { source, whenInterrupted: 'serve' });
});

test('options can be written down beforehand, for the function that they are for', () => {
  const load = async (id: number): Promise<Order> => ({ id });
  const loadInContext = async (id: number, _context: LoadContext): Promise<Order> => ({ id });
  const options: CacheOptions<[id: number], Order> = { source, dependsOn: (id) => [row('orders', { id })] };
  const inContext: ContextCacheOptions<[id: number], Order> = { source, context: true };
  for (const order of [
    cache(load, options),
    cache(load, { ...options, max: 5 }),
    cache(loadInContext, inContext),
  ]) {
    expectTypeOf(order).toEqualTypeOf<CachedFunction<[id: number], Order>>();
  }
  const many = async (ids: readonly number[]) => ids.map((id) => ({ id }));
  for (const orders of [cacheMany(many, options), cacheMany(many, inContext)]) {
    expectTypeOf(orders).toEqualTypeOf<CachedMany<number, Order>>();
  }
  const wrapped = <A extends unknown[], R>(
    wrap: (...args: A) => Promise<R>,
    given: CacheOptions<A, R>,
  ): CachedFunction<A, R> => cache(wrap, given);
  expectTypeOf(wrapped(load, options)).toEqualTypeOf<CachedFunction<[id: number], Order>>();
  // @ts-expect-error a function that does not take the context
  cache(load, inContext);
  // @ts-expect-error these are for functions that do not take it
  const wrong: CacheOptions<[id: number], Order> = { source, context: true };
  const ofText: CacheOptions<[id: string], Order> = { source };
  // @ts-expect-error the function takes a number
  cache(load, ofText);
  return wrong;
});

test('a batch that gives a Map may have no value for a key', () => {
  const names = cacheMany(async (ids: readonly number[]) => new Map(ids.map((id) => [id, String(id)])), {
    source,
    dependsOn: (id) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      return [];
    },
  });
  expectTypeOf(names).toEqualTypeOf<CachedMany<number, string | undefined>>();
  expectTypeOf(names.getMany).parameters.toEqualTypeOf<[readonly number[]]>();
  expectTypeOf(names.getMany([1])).toEqualTypeOf<Promise<(string | undefined)[]>>();
  expectTypeOf(names).returns.toEqualTypeOf<Promise<string | undefined>>();
  expectTypeOf(names.fresh).parameters.toEqualTypeOf<[key: number]>();
});

test('a batch that gives a list has a value for every key', () => {
  const names = cacheMany(
    (ids: readonly number[], context: ManyContext<number>) => {
      expectTypeOf(context.dependsOn).parameter(0).toEqualTypeOf<number>();
      return ids.map(String);
    },
    { source, context: true },
  );
  expectTypeOf(names).toEqualTypeOf<CachedMany<number, string>>();
  expectTypeOf(names.getMany([1])).toEqualTypeOf<Promise<string[]>>();
  // @ts-expect-error a text is no key
  names.getMany(['1']);
  // @ts-expect-error an object from keys to values is neither a Map nor a list
  cacheMany((ids: readonly number[]) => Object.fromEntries(ids.map((id) => [id, id])), { source });
});

test('uncached gives what the work gives', () => {
  expectTypeOf(uncached(() => 5)).toEqualTypeOf<number>();
  expectTypeOf(uncached(async () => 'text')).toEqualTypeOf<Promise<string>>();
});
