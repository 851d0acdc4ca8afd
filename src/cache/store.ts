import { LRUCache } from 'lru-cache';
import { DependencyIndex } from './dependency-index.js';
import type { CacheKey } from './keys.js';
import type { Resolved } from './resolve-dependencies.js';
import type { Counters, Invalidations } from './statistics.js';

/** A call's result, from before its load begins. */
export interface Entry<R> {
  readonly key: CacheKey;
  readonly promise: Promise<R>;
}

/** The entries of one cache: bounded, found by key and by what they depend on, counted when dropped. */
export class Store<R> {
  readonly #index = new DependencyIndex<Entry<R>>();
  readonly #entries: LRUCache<CacheKey, Entry<R>>;

  constructor(max: number, ttlMs: number | undefined, counters: Counters) {
    this.#entries = new LRUCache({
      max,
      // The age counts from before the load: that is how old the value may be.
      ...(ttlMs === undefined ? {} : { ttl: ttlMs }),
      dispose: (entry, _key, reason) => {
        this.#index.delete(entry);
        if (reason === 'evict') counters.invalidations.evicted++;
        if (reason === 'expire') counters.invalidations.expired++;
      },
    });
    this.#counters = counters;
  }

  readonly #counters: Counters;

  get size(): number {
    return this.#entries.size;
  }

  readonly concerned = this.#index.concerned.bind(this.#index);

  get(key: CacheKey): Entry<R> | undefined {
    return this.#entries.get(key);
  }

  /** Without counting as a use. */
  peek(key: CacheKey): Entry<R> | undefined {
    return this.#entries.peek(key);
  }

  /** @param dependencies `null`: every watched table */
  add(entry: Entry<R>, dependencies: readonly Resolved[] | null): void {
    this.#index.add(entry, dependencies);
    this.#entries.set(entry.key, entry);
  }

  /** Drops the entry if it is still the one in the store; one that has taken its place stays. */
  drop(entry: Entry<R>, cause: keyof Invalidations | null): boolean {
    if (this.#entries.peek(entry.key) !== entry) return false;
    this.#entries.delete(entry.key);
    if (cause !== null) this.#counters.invalidations[cause]++;
    return true;
  }

  clear(cause: keyof Invalidations): void {
    this.#counters.invalidations[cause] += this.#entries.size;
    this.#entries.clear();
  }
}
