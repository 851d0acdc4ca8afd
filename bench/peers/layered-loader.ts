import { Loader } from 'layered-loader';
import type { HitCase } from '../hits/hit-case.js';
import type { HitValue, Memoizer } from '../hits/memoizer.js';

export const memoizer: Memoizer = {
  name: 'layered-loader',
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const loader = new Loader<HitValue, A>({
      inMemoryCache: { cacheType: 'lru-map', maxItems: 10_000, ttlInMsecs: 3_600_000 },
      cacheKeyFromLoadParamsResolver: (args) => String(key(...args)),
      dataSources: [{ name: 'function', get: (args) => load(...args), getMany: async () => [] }],
    });
    return { call: async (...args: A) => (await loader.get(args)) ?? undefined };
  },
};
