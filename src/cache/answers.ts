import type { CachedEntries } from './cached-entries.js';
import type { Entry } from './entry.js';
import type { CacheKey } from './keys.js';
import type { ResolvedCacheOptions } from './resolve-cache-options.js';
import type { Counters } from './statistics.js';

/** What a call asks for, beyond its arguments. */
export interface Wish {
  readonly receiver: unknown;
  /** The caller may stop waiting. */
  readonly signal?: AbortSignal | undefined;
  /** A value past its time will not do, whatever the cache's options allow. */
  readonly fresh?: boolean | undefined;
}

/** What callers get of entries, as the options have it: copies, and values past their time. */
export class Answers<A extends unknown[], R> {
  readonly #options: ResolvedCacheOptions<A, R>;
  readonly #entries: CachedEntries<A, R>;
  readonly #counters: Counters;

  constructor(options: ResolvedCacheOptions<A, R>, entries: CachedEntries<A, R>, counters: Counters) {
    this.#options = options;
    this.#entries = entries;
    this.#counters = counters;
  }

  /** @param again calls anew, where the load turns out to be older than this call */
  of(entry: Entry<R>, wish: Wish, again: () => Promise<R>): Promise<R> {
    const { load, promise } = entry;
    if (load === null) return this.copied(promise);
    const isOvertaken = entry.late?.joined() ?? null;
    const joined = isOvertaken
      ? promise.then((value) => (isOvertaken() && !wish.signal?.aborted ? again() : this.#copy(value)))
      : this.copied(promise);
    const answer = this.rescued(joined, () => entry.key, wish);
    if (wish.signal) return load.wait(answer, wish.signal);
    load.join();
    return answer;
  }

  /** The value from before, while a new one is loaded. */
  meanwhile(key: CacheKey, { fresh }: Wish): Promise<R> | undefined {
    const { staleWhileRevalidateMs, clock } = this.#options;
    if (fresh || staleWhileRevalidateMs === 0) return undefined;
    const old = this.#entries.store.stale?.find(key, clock.now(), staleWhileRevalidateMs);
    if (old === undefined) return undefined;
    this.#counters.stale++;
    return this.copied(old);
  }

  /** The value from before, if the new one cannot be had. */
  rescued(outcome: Promise<R>, key: () => CacheKey, { fresh }: Wish): Promise<R> {
    if (fresh || this.#options.staleIfErrorMs === 0) return outcome;
    return outcome.catch((error) => {
      const old = this.#lastKnown(key());
      if (old === undefined) throw error;
      this.#counters.stale++;
      return this.copied(old);
    });
  }

  copied(promise: Promise<R>): Promise<R> {
    return this.#options.copy ? promise.then((value) => this.#copy(value)) : promise;
  }

  #copy(value: R): R {
    return this.#options.copy ? this.#options.copy(value) : value;
  }

  #lastKnown(key: CacheKey): Promise<R> | undefined {
    const { staleIfErrorMs, clock } = this.#options;
    const old = this.#entries.store.stale?.find(key, clock.now(), staleIfErrorMs);
    if (old) return old;
    // While the source is away, what is in the store is as old as that.
    const entry = this.#entries.store.peek(key);
    if (entry === undefined || entry.load !== null) return undefined;
    return this.#entries.staleForMsOf(entry) < staleIfErrorMs ? entry.promise : undefined;
  }
}
