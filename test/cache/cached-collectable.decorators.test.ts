import { expect, it } from 'vitest';
import { cached, cacheOf, row } from '../../src/index.js';
import { until } from '../support/until.js';
import { collectGarbage } from './collect-garbage.js';
import { useShop } from './use-shop.js';

const shop = useShop();

it('an object with cached methods can be collected, though its values are still in the cache', async () => {
  class Orders {
    readonly ballast = new Array(1000).fill(this);

    @cached({
      source: shop.source,
      dependsOn: (id: number) => [row('orders', { id })],
      verify: { sampleRate: 1 },
      staleIfErrorMs: 1000,
    })
    async byId(id: number): Promise<number> {
      return id + this.ballast.length;
    }
  }
  const keeper = new Orders();

  async function used(): Promise<WeakRef<Orders>> {
    const orders = new Orders();
    expect([await orders.byId(1), await orders.byId(1), await orders.byId(2)]).toEqual([1001, 1001, 1002]);
    await cacheOf(orders, 'byId').fresh(1);
    return new WeakRef(orders);
  }
  const ref = await used();
  await until(async () => {
    await collectGarbage();
    return ref.deref() === undefined;
  }, 'the collection');
  expect(cacheOf(keeper, 'byId').statistics.entries).toBe(2);
});
