import { LRUCache } from 'lru-cache';
import type { HitCase } from '../hits/hit-case.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

export const memoizer: Memoizer = {
  name: 'lru-cache fetch',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const cache = new LRUCache<string | number, HitValue, unknown[]>({
      max: 10_000,
      fetchMethod: (_key, _stale, { context }) => load(...(context as A)),
    });
    return { call: (...args: A) => cache.fetch(key(...args), { context: args }) };
  },
};
