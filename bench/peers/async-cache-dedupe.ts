import { createCache } from 'async-cache-dedupe';
import type { TagCaches } from '../drops/tag-cache.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

export const memoizer: Memoizer = {
  name: 'async-cache-dedupe',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>) {
    const cache = createCache({ ttl: 3_600, storage: { type: 'memory', options: { size: 10_000 } } });
    // It takes one argument: what is called with several passes them as a list.
    const single = cache.define('single', (arg: A[0]) => load(...([arg] as unknown as A)));
    const several = cache.define('several', (args: A) => load(...args));
    return { call: (...args: A) => (args.length === 1 ? single.single(args[0]) : several.several(args)) };
  },
};

export const tagCaches: TagCaches = {
  name: 'async-cache-dedupe',
  make(size, by, load) {
    const cache = createCache({
      ttl: 3_600,
      storage: { type: 'memory', options: { size, invalidation: true } },
    });
    const referenceOf = (id: number) => (by === 'row' ? `orders:${id}` : 'orders');
    const orders = cache.define('orders', { references: (id: number) => [referenceOf(id)] }, load);
    return {
      get: (id) => orders.orders(id),
      prepare(change) {
        const reference = change === 'table' ? 'orders' : referenceOf(change.row);
        return () => cache.invalidate('orders', [reference]);
      },
    };
  },
};
