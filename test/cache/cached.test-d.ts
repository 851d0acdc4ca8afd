import { expectTypeOf, test } from 'vitest';
import {
  type CachedFunction,
  cached,
  cacheOf,
  createSource,
  type LoadContext,
  row,
} from '../../src/index.js';

const source = createSource();

class Orders {
  readonly source = source;
  readonly size = 5;

  @cached({ source, dependsOn: (id: number) => [row('orders', { id })], key: (id: number) => id })
  async byId(id: number, lang?: string): Promise<string> {
    return `${id}${lang}`;
  }

  @cached({ source: (self: Orders) => self.source, context: true })
  async told(id: number, context?: LoadContext): Promise<number> {
    context?.dependsOn(row('orders', { id }));
    return id;
  }

  @cached({ source })
  static async count(): Promise<number> {
    return 1;
  }

  plain(): number {
    return 1;
  }
}

test('a decorated method keeps its type, and so does the cached function behind it', () => {
  const orders = new Orders();
  expectTypeOf(orders.byId).parameters.toEqualTypeOf<[id: number, lang?: string]>();
  expectTypeOf(orders.byId).returns.toEqualTypeOf<Promise<string>>();
  const byId = cacheOf(orders, 'byId');
  expectTypeOf(byId).toEqualTypeOf<CachedFunction<[id: number, lang?: string], string>>();
  expectTypeOf(byId.fresh(1)).toEqualTypeOf<Promise<string>>();
  expectTypeOf(cacheOf(Orders, 'count')).toEqualTypeOf<CachedFunction<[], number>>();
  expectTypeOf(orders.told(1)).toEqualTypeOf<Promise<number>>();
  // @ts-expect-error a text is no id
  byId('1');
  // @ts-expect-error not a method
  cacheOf(orders, 'size');
  // @ts-expect-error not a method that returns a promise
  cacheOf(orders, 'plain');
});

test('the options of a method fit its arguments', () => {
  class Wrong {
    // @ts-expect-error the method has an id that is a number
    @cached({ source, dependsOn: (id: string) => [row('orders', { id })] })
    async byId(id: number): Promise<number> {
      return id;
    }

    // @ts-expect-error what is cached is a promise
    @cached({ source })
    now(): number {
      return 1;
    }
  }
  return Wrong;
});
