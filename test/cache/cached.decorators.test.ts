import { beforeEach, describe, expect, it } from 'vitest';
import { type ChangeSource, cached, cacheOf, type LoadContext, row, statisticsOf } from '../../src/index.js';
import { useShop } from './use-shop.js';

describe('@cached', () => {
  const shop = useShop();
  let Orders: ReturnType<typeof newOrders>;
  beforeEach(() => {
    Orders = newOrders();
  });

  /** Loads orders, and counts how often. */
  function newOrders() {
    class Orders {
      static readonly table = 'orders';
      loads = 0;
      readonly label: string;
      readonly source: ChangeSource = shop.source;

      constructor(label: string) {
        this.label = label;
      }

      @cached({ source: shop.source, dependsOn: (id: number) => [row('orders', { id })] })
      async byId(id: number): Promise<string> {
        this.loads++;
        return `${this.label} ${await shop.total(id)}`;
      }

      @cached({ source: (self: Orders) => self.source, dependsOn: ['orders'] })
      async count(): Promise<number> {
        return ++this.loads;
      }

      @cached({
        source: shop.source,
        name: 'labelled',
        dependsOn(this: Orders, id: number) {
          return [row(this.label, { id })];
        },
        key(this: Orders, id: number) {
          return [this.label, id % 10];
        },
      })
      async labelled(id: number): Promise<string> {
        this.loads++;
        return `${this.label} ${id}`;
      }

      @cached({ source: shop.source, context: true })
      async told(id: number, context?: LoadContext): Promise<number> {
        context?.dependsOn(row('orders', { id }));
        return ++this.loads;
      }

      @cached({ source: shop.source, dependsOn: ['orders'] })
      static async statically(n: number): Promise<string> {
        return `${n} of ${Orders.table}`;
      }

      @cached({ source: shop.source, dependsOn: ['orders'] })
      async [Symbol.for('hidden')](): Promise<number> {
        return ++this.loads;
      }

      @cached({ source: shop.source, dependsOn: ['orders'] })
      async #secret(): Promise<number> {
        return ++this.loads;
      }

      tellSecret(): Promise<number> {
        return this.#secret();
      }
    }
    return Orders;
  }

  it('keeps each object its own results, and the method its `this`', async () => {
    const [a, b] = [new Orders('a'), new Orders('b')];
    const first = a.byId(1);
    expect(a.byId(1)).toBe(first);
    const total = await shop.total(1);
    expect([await first, await b.byId(1)]).toEqual([`a ${total}`, `b ${total}`]);
    expect([a.loads, b.loads]).toEqual([1, 1]);
    expect(cacheOf(a, 'byId').statistics).toMatchObject({ hits: 1, misses: 2 });
  });

  it('drops the results of all objects that a change concerns, and no others', async () => {
    const [a, b] = [new Orders('a'), new Orders('b')];
    await Promise.all([a.byId(1), a.byId(2), b.byId(1)]);
    await shop.change(1);
    const peek = (self: typeof a, id: number) => cacheOf(self, 'byId').peek(id) !== undefined;
    expect([peek(a, 1), peek(a, 2), peek(b, 1)]).toEqual([false, true, false]);
  });

  it('calls dependsOn and key with `this`, and tells objects apart whatever the key is', async () => {
    const [a, b] = [new Orders('orders'), new Orders('orders')];
    expect([await a.labelled(1), await a.labelled(11), await b.labelled(21)]).toEqual([
      'orders 1',
      'orders 1',
      'orders 21',
    ]);
    expect(cacheOf(a, 'labelled').name).toBe('labelled');
    expect(statisticsOf(shop.source).caches.map(({ name }) => name)).toContain('labelled');
    await shop.change(1);
    expect([cacheOf(a, 'labelled').peek(1), cacheOf(b, 'labelled').peek(1) !== undefined]).toEqual([
      undefined,
      true,
    ]);
    await expect(new Orders('unwatched').labelled(1)).rejects.toMatchObject({ code: 'NOT_WATCHED' });
  });

  it('takes a source that the object has, and objects of other sources have other caches', async () => {
    const { source } = await shop.breakable();
    const [here, there] = [new Orders('here'), Object.assign(new Orders('there'), { source })];
    await Promise.all([here.count(), there.count(), there.count()]);
    expect(cacheOf(here, 'count').statistics.misses).toBe(1);
    expect(cacheOf(there, 'count').statistics.misses).toBe(1);
    cacheOf(there, 'count').close();
    expect([await here.count(), await there.count(), await there.count()]).toEqual([1, 2, 3]);
  });

  it('hands the context to the last parameter, which callers leave out', async () => {
    const a = new Orders('a');
    expect([await a.told(1), await a.told(2), await a.told(1)]).toEqual([1, 2, 1]);
    await shop.change(2);
    expect([await a.told(1), await a.told(2)]).toEqual([1, 3]);
  });

  it('works for static methods, and for those with a symbol or a private name', async () => {
    expect(await Orders.statically(1)).toBe('1 of orders');
    expect(cacheOf(Orders, 'statically').peek(1)).toBeDefined();
    const a = new Orders('a');
    const hidden = () => Reflect.apply(Reflect.get(a, Symbol.for('hidden')), a, []);
    expect([await hidden(), await hidden()]).toEqual([1, 1]);
    expect([await a.tellSecret(), await a.tellSecret()]).toEqual([2, 2]);
    expect([await new Orders('b').tellSecret(), a.loads]).toEqual([1, 2]);
    await shop.change(1);
    expect([await hidden(), await a.tellSecret()]).toEqual([3, 4]);
  });

  it('is inherited, and a method that overrides it has a cache of its own, as has what it calls by super', async () => {
    class Inherited extends Orders {}
    class Overridden extends Orders {
      @cached({ source: shop.source, dependsOn: ['items'] })
      override async byId(id: number): Promise<string> {
        return `not ${await super.byId(id)}`;
      }
    }
    class Bare extends Orders {
      override async byId(id: number): Promise<string> {
        return `bare ${await super.byId(id)}`;
      }
    }
    const total = await shop.total(1);
    const [inherited, overridden, bare] = [new Inherited('i'), new Overridden('o'), new Bare('b')];
    expect([await inherited.byId(1), await inherited.byId(1), inherited.loads]).toEqual([
      `i ${total}`,
      `i ${total}`,
      1,
    ]);
    expect([await overridden.byId(1), await overridden.byId(1), overridden.loads]).toEqual([
      `not o ${total}`,
      `not o ${total}`,
      1,
    ]);
    // What super gave is dropped, what was made of it is not: it said that it depends on other things.
    await shop.change(1);
    expect(await overridden.byId(1)).toBe(`not o ${total}`);
    cacheOf(overridden, 'byId').clear();
    expect([await overridden.byId(1), overridden.loads]).toEqual([`not o ${await shop.total(1)}`, 2]);
    await bare.byId(1);
    expect(() => cacheOf(bare, 'byId')).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('gives the whole of a cached function, for one object', async () => {
    const [a, b] = [new Orders('a'), new Orders('b')];
    await Promise.all([a.byId(1), b.byId(1)]);
    const ofA = cacheOf(a, 'byId');
    expect(ofA(1)).toBe(a.byId(1));
    expect(ofA.explain(1)).toMatchObject({ status: 'cached', dependencies: [{ row: { id: '1' } }] });
    await shop.database.query('update orders set total = 77 where id = 1');
    expect(await ofA.fresh(1)).toBe('a 77');
    expect(await ofA.with({ fresh: true })(1)).toBe('a 77');
    expect([ofA.invalidate(1), ofA.invalidate(1)]).toEqual([true, false]);
    expect(ofA.explain(1)).toMatchObject({ status: 'absent', lastDrop: { cause: 'invalidate' } });
    expect(cacheOf(b, 'byId').explain(1).lastDrop).toMatchObject({ cause: 'change' });
  });
});
