import { Cacheable } from 'cacheable';
import type { HitCase } from '../hits/hit-case.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

export const memoizer: Memoizer = {
  name: 'cacheable',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const cache = new Cacheable({ ttl: '1h' });
    return {
      call: (...args: A) => cache.getOrSet<HitValue>(String(key(...args)), () => load(...args)),
    };
  },
};
