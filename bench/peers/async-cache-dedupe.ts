import { createCache } from 'async-cache-dedupe';
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
