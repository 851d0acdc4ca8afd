import type { ChangeTransaction } from '../changes/change-transaction.js';
import type { ChangeConsumer, ChangeSource } from '../sources/change-source.js';
import type { WatchedTables } from '../sources/watched-tables.js';
import type { ActiveStrategy } from '../strategies/strategy.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { Dependency } from './dependencies.js';
import { type CacheKey, encodeArguments } from './keys.js';
import { type Resolved, resolveDependency } from './resolve-dependencies.js';
import { type CacheStatistics, Counters } from './statistics.js';
import { type Entry, Store } from './store.js';

/**
 * The calls of one function, cached.
 *
 * An entry is in the store before its load begins. Whatever drops it meanwhile takes it out, and nothing
 * puts it back: so the value of a load that an invalidation has overtaken reaches those who wait for it,
 * and nobody after.
 */
export class CachedCalls<A extends unknown[], R> implements ChangeConsumer {
  readonly #load: (...args: A) => R | PromiseLike<R>;
  readonly #options: ResolvedCacheOptions<A>;
  readonly #source: ChangeSource;
  readonly #counters = new Counters();
  readonly #store: Store<R>;
  readonly #strategy: ActiveStrategy<Entry<R>>;
  readonly #detach: () => void;
  /** Names that were watched once: to lose one is a matter of operation, not a mistake in the program. */
  readonly #onceWatched = new Set<string>();
  #drops: Entry<R>[] | null = null;
  #fixed: { readonly watched: WatchedTables; readonly resolved: readonly Resolved[] | null } | undefined;
  #closed = false;

  constructor(load: (...args: A) => R | PromiseLike<R>, options: ResolvedCacheOptions<A>) {
    this.#load = load;
    this.#options = options;
    this.#source = options.source;
    this.#store = new Store(options.max, options.ttlMs, this.#counters);
    if (this.#source.state === 'live') this.#checkFixed();
    this.#strategy = options.strategy.attach({ drop: (entries) => this.#drop(entries) });
    this.#detach = this.#source.attach(this);
  }

  get statistics(): CacheStatistics {
    return this.#counters.snapshot(this.#store.size);
  }

  call(args: A): Promise<R> {
    if (this.#source.state !== 'live' || this.#closed) return this.#bypass(args);
    let key: CacheKey;
    try {
      key = this.key(args);
    } catch (error) {
      return Promise.reject(error);
    }
    const entry = this.#store.get(key);
    if (entry === undefined) return this.#miss(key, args);
    this.#counters.hits++;
    return entry.promise;
  }

  key(args: A): CacheKey {
    const { key } = this.#options;
    return encodeArguments(key === undefined ? args : [key(...args)]);
  }

  peek(args: A): Promise<R> | undefined {
    return this.#source.state === 'live' ? this.#store.peek(this.key(args))?.promise : undefined;
  }

  invalidate(args: A): boolean {
    const entry = this.#store.peek(this.key(args));
    return entry !== undefined && this.#store.drop(entry, 'invalidate');
  }

  clear(): void {
    this.#store.clear('clear');
    this.#strategy.reset();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#detach();
    this.#store.clear('clear');
    this.#strategy.close();
  }

  prepare(transaction: ChangeTransaction): () => void {
    const drops: Entry<R>[] = [];
    this.#drops = drops;
    try {
      this.#strategy.apply(transaction, this.#store.concerned);
    } finally {
      this.#drops = null;
    }
    return () => {
      for (const entry of drops) this.#store.drop(entry, 'change');
    };
  }

  gap(): void {
    this.#store.clear('gap');
    this.#strategy.reset();
  }

  #drop(entries: Iterable<Entry<R>>): void {
    // A list first: to drop an entry is to take it out of the very sets that are being gone through.
    const list = [...entries];
    if (this.#drops) for (const entry of list) this.#drops.push(entry);
    else for (const entry of list) this.#store.drop(entry, 'change');
  }

  #miss(key: CacheKey, args: A): Promise<R> {
    let dependencies: readonly Resolved[] | null;
    try {
      dependencies = this.#dependencies(args);
    } catch (error) {
      return error === LOST ? this.#bypass(args) : Promise.reject(error);
    }
    this.#counters.misses++;
    let begin: (value: R | PromiseLike<R>) => void = () => {};
    let fail: (reason: unknown) => void = () => {};
    const promise = new Promise<R>((resolve, reject) => {
      begin = resolve;
      fail = reject;
    });
    const entry: Entry<R> = { key, promise };
    this.#store.add(entry, dependencies);
    promise.catch(() => {
      this.#counters.failures++;
      this.#store.drop(entry, null);
    });
    this.#counters.loads++;
    try {
      begin(this.#load(...args));
    } catch (error) {
      fail(error);
    }
    return promise;
  }

  /** No entry is made and none is joined: a load that is under way may be older than this call. */
  async #bypass(args: A): Promise<R> {
    this.#counters.bypasses++;
    this.#counters.loads++;
    try {
      return await this.#load(...args);
    } catch (error) {
      this.#counters.failures++;
      throw error;
    }
  }

  /** @throws PgCacheWatchError `NOT_WATCHED` and what else may be wrong with them */
  #dependencies(args: A): readonly Resolved[] | null {
    const { dependsOn } = this.#options;
    if (typeof dependsOn === 'function') return this.#resolve(dependsOn(...args));
    return this.#checkFixed();
  }

  #checkFixed(): readonly Resolved[] | null {
    const { dependsOn } = this.#options;
    if (typeof dependsOn === 'function') return null;
    const { watched } = this.#source;
    if (this.#fixed?.watched !== watched) {
      this.#fixed = { watched, resolved: dependsOn === undefined ? null : this.#resolve(dependsOn) };
    }
    return this.#fixed.resolved;
  }

  #resolve(dependencies: Iterable<Dependency>): readonly Resolved[] {
    const { watched } = this.#source;
    return Array.from(dependencies, (dependency) => {
      const name = typeof dependency === 'string' ? dependency : dependency.table;
      if (this.#onceWatched.has(name) && !watched.find(name)) throw LOST;
      const resolved = resolveDependency(dependency, watched);
      this.#onceWatched.add(name);
      return resolved;
    });
  }
}

/** A table that was watched is not any more: its values are loaded every time, until it is again. */
const LOST = Symbol('a watched table was lost');
