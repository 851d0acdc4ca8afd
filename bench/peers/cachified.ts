import { type CacheEntry, cachified } from '@epic-web/cachified';
import { LRUCache } from 'lru-cache';
import type { HitCase } from '../hits/hit-case.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

export const memoizer: Memoizer = {
  name: 'cachified',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const cache = new LRUCache<string, CacheEntry>({ max: 10_000 });
    return {
      call: (...args: A) =>
        cachified<HitValue>({
          key: String(key(...args)),
          cache,
          ttl: 3_600_000,
          getFreshValue: () => load(...args),
        }),
    };
  },
};
