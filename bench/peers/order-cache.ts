import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import type { MakeOrderCache, Order } from '../app/variant.js';

/** Values are tagged, and whoever writes drops the tag: as far as the service itself writes. */
const tags: MakeOrderCache = (load) => {
  const memory = memoryDriver({ maxItems: 20_000, serialize: false });
  const cache = new BentoCache({ default: 'memory', stores: { memory: bentostore().useL1Layer(memory) } });
  return {
    read: (id) =>
      cache.getOrSet<Order>({
        key: `order:${id}`,
        tags: [`order:${id}`],
        ttl: '1h',
        factory: () => load(id),
      }),
    wrote: (id) => cache.deleteByTag({ tags: [`order:${id}`] }),
  };
};

export const variants = { tags };
