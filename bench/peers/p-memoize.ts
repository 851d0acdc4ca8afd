import pMemoize from 'p-memoize';
import type { HitCase } from '../hits/hit-case.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

export const memoizer: Memoizer = {
  name: 'p-memoize',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const call = pMemoize(load, {
      cache: new Map<string | number, HitValue>(),
      cacheKey: (args) => key(...args),
    });
    return { call };
  },
};
