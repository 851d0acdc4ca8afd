import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChangeSource, cached, cacheOf, row } from '../../src/index.js';
import { openShop, type Shop } from './setup.js';

describe('@cached', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  /** Loads orders, and counts how often. */
  function newOrders() {
    class Orders {
      loads = 0;
      readonly label: string;
      readonly source: ChangeSource = shop.source;

      constructor(label: string) {
        this.label = label;
      }

      @cached({ source: shop.source, dependsOn: (id: number) => [row('orders', { id })] })
      async byId(id: number): Promise<string> {
        this.loads++;
        const { rows } = await shop.database.query('select total from orders where id = $1', [id]);
        return `${this.label} ${rows[0]?.total}`;
      }

      @cached({ source: (self: Orders) => self.source, dependsOn: ['orders'] })
      async count(): Promise<number> {
        const { rows } = await shop.database.query('select count(*)::int as n from orders');
        return rows[0].n;
      }
    }
    return Orders;
  }

  it('keeps each object its own results, and the method its `this`', async () => {
    const Orders = newOrders();
    const [a, b] = [new Orders('a'), new Orders('b')];
    expect(await Promise.all([a.byId(1), a.byId(1), b.byId(1)])).toEqual(['a 10', 'a 10', 'b 10']);
    expect([a.loads, b.loads]).toEqual([1, 1]);
    expect(cacheOf(a, 'byId').statistics).toMatchObject({ hits: 1, misses: 2 });
  });
});
