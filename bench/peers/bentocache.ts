import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import type { TagCaches } from '../drops/tag-cache.js';
import type { HitCase } from '../hits/hit-case.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

/** Values stay as they are, in memory alone: without the serialising that it does by default. */
function inMemory(maxItems: number) {
  const store = bentostore().useL1Layer(memoryDriver({ maxItems, serialize: false }));
  return new BentoCache({ default: 'memory', stores: { memory: store } });
}

export const memoizer: Memoizer = {
  name: 'bentocache',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const cache = inMemory(10_000);
    return {
      call: (...args: A) =>
        cache.getOrSet<HitValue>({ key: String(key(...args)), ttl: '1h', factory: () => load(...args) }),
    };
  },
};

/**
 * A drop notes the tag and the millisecond; what carries the tag is given up when it is asked for. That can be what
 * was loaded again in the same millisecond.
 */
export const tagCaches: TagCaches = {
  name: 'bentocache',
  dropsMore: true,
  make(size, by, load) {
    const cache = inMemory(size * 2 + 1_000); // the tags are entries of their own
    const tagOf = (id: number) => (by === 'row' ? `orders:${id}` : 'orders');
    return {
      get: (id) =>
        cache.getOrSet<number>({ key: String(id), tags: [tagOf(id)], ttl: '1h', factory: () => load(id) }),
      prepare(change) {
        const tags = [change === 'table' ? 'orders' : tagOf(change.row)];
        return () => cache.deleteByTag({ tags });
      },
    };
  },
};
