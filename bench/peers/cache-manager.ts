import { createCache } from 'cache-manager';
import type { HitCase } from '../hits/hit-case.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

export const memoizer: Memoizer = {
  name: 'cache-manager',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const cache = createCache({ ttl: 3_600_000 });
    return { call: (...args: A) => cache.wrap(String(key(...args)), () => load(...args)) };
  },
};
