import type { HitCase } from './hit-case.js';

/** A value, and the arguments that it belongs to. */
export interface HitValue {
  readonly of: string;
}

/** Something that keeps the results of a function. Every module of `bench/peers` for `hits` exports one. */
export interface Memoizer {
  readonly name: string;
  /** @param load what to wrap; it is run once for every call of the case, before any time is taken */
  memoize<A extends unknown[]>(
    load: (...args: A) => Promise<HitValue>,
    hitCase: Pick<HitCase<A>, 'key' | 'id'>,
  ): Memoized<A>;
}

export interface Memoized<A extends unknown[]> {
  readonly call: (...args: A) => HitValue | undefined | Promise<HitValue | undefined>;
  /** How many calls it has counted as hits, where it counts. */
  readonly hits?: () => number;
}

/** Names and modules of those that are not ours. */
export const peerMemoizers = {
  'lru-cache fetch': 'lru-cache',
  'layered-loader': 'layered-loader',
  'async-cache-dedupe': 'async-cache-dedupe',
  'p-memoize': 'p-memoize',
  bentocache: 'bentocache',
  cacheable: 'cacheable',
  'cache-manager': 'cache-manager',
  cachified: 'cachified',
};

export const FLOOR = 'await from a Map';

/** The least that it can cost: a promise out of a Map, by a key that the caller makes. */
export const floor: Memoizer = {
  name: FLOOR,
  memoize<A extends unknown[]>(load: (...args: A) => Promise<HitValue>, { key }: Pick<HitCase<A>, 'key'>) {
    const kept = new Map<string | number, Promise<HitValue>>();
    const call = (...args: A): Promise<HitValue> => {
      const by = key(...args);
      let promise = kept.get(by);
      if (promise === undefined) {
        promise = load(...args);
        kept.set(by, promise);
      }
      return promise;
    };
    return { call };
  },
};
