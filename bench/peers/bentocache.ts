import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
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
