import { defuse } from '../defuse.js';
import type { ChangeSource } from '../sources/change-source.js';
import { Answers, type Wish } from './answers.js';
import { CachedEntries } from './cached-entries.js';
import type { CallOptions } from './call-options.js';
import type { Entry } from './entry.js';
import { type Explanation, explain } from './explain.js';
import { hitChannel } from './hooks.js';
import { type CacheKey, encodeArguments, isItsOwnKey } from './keys.js';
import { Load } from './load.js';
import type { Loader } from './loader.js';
import { Loading } from './loading.js';
import type { ResolvedCacheOptions } from './resolve-cache-options.js';
import { Run } from './run.js';
import { register } from './source-statistics.js';
import { type CacheStatistics, Counters } from './statistics.js';
import type { Store } from './store.js';
import { isUncached } from './uncached.js';
import { Verifier } from './verifier.js';
import { LOST, type ResolvedList, WatchedDependencies } from './watched-dependencies.js';

/** The calls of one function, cached: each is a hit, a miss, or goes past the cache. */
export class CachedCalls<A extends unknown[], R, T = unknown> {
  readonly #options: ResolvedCacheOptions<A, R>;
  readonly #source: ChangeSource;
  readonly #counters = new Counters();
  readonly #dependencies: WatchedDependencies<A>;
  readonly #entries: CachedEntries<A, R>;
  readonly #loading: Loading<A, R, T>;
  readonly #answers: Answers<A, R>;
  readonly #verifier: Verifier<A, R> | null;
  readonly #store: Store<R>;
  /** Whether a value that is there can be had as it is: no option says more, and the cache is not closed. */
  #isPlain: boolean;
  readonly #unregister: () => void;
  #isClosed = false;

  constructor(loader: Loader<A, R, T>, options: ResolvedCacheOptions<A, R>) {
    const { source, name } = options;
    this.#options = options;
    this.#source = source;
    this.#dependencies = new WatchedDependencies(source, options.dependsOn, name);
    this.#dependencies.check();
    this.#entries = new CachedEntries(options, this.#counters);
    this.#store = this.#entries.store;
    this.#loading = new Loading(loader, options, this.#entries, this.#dependencies, this.#counters);
    this.#unregister = register(source, this);
    this.#answers = new Answers(options, this.#entries, this.#counters);
    const loadAgain = (args: A, receiver: unknown) => loadOnce(loader, options, args, receiver);
    const { verify, key, ttlMs, copy, staleWhileRevalidateMs, staleIfErrorMs } = options;
    this.#verifier = verify ? new Verifier(verify, loadAgain, options, this.#entries, this.#counters) : null;
    const mayBeStale = ttlMs !== undefined || staleWhileRevalidateMs > 0 || staleIfErrorMs > 0;
    this.#isPlain = !mayBeStale && !verify && !key && !copy;
  }

  get name(): string {
    return this.#options.name;
  }

  get statistics(): CacheStatistics {
    return this.#counters.snapshot(this.#store.size, this.#store.bytes);
  }

  /**
   * The value for a single argument that is its own key, where nothing else has to be looked at: what most
   * calls come to, with nothing on their way that they do not need. `undefined`: ask `call`.
   */
  hit(argument: unknown): Promise<R> | undefined {
    if (!this.#isPlain || this.#source.state !== 'live' || isUncached() || !isItsOwnKey(argument))
      return undefined;
    const entry = this.#store.get(argument);
    if (entry === undefined || entry.load !== null) return undefined;
    this.#counters.hits++;
    if (hitChannel.hasSubscribers) hitChannel.publish({ cache: this.#options.name, key: argument });
    return entry.promise;
  }

  call(args: A, receiver?: unknown): Promise<R> {
    return this.#route(args, { receiver }, null);
  }

  callWith(args: A, receiver: unknown, { signal, fresh = false }: CallOptions): Promise<R> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const wish = { receiver, signal, fresh };
    return fresh && this.#isInUse ? this.#caughtUp(args, wish) : this.#route(args, wish, null);
  }

  /** Several calls. Those that have to be loaded are loaded in one run. */
  many(calls: readonly A[], receiver?: unknown): Promise<R>[] {
    const run = new Run(this.#loading, receiver);
    const answers = calls.map((args) => this.#route(args, { receiver }, run));
    run.start();
    return answers;
  }

  peek(args: A, receiver?: unknown): Promise<R> | undefined {
    if (!this.#isInUse && !this.#servesStale) return undefined;
    const entry = this.#store.peek(this.#key(args, receiver));
    if (entry === undefined || this.#entries.isExpired(entry)) return undefined;
    entry.load?.join();
    const answer = this.#answers.copied(entry.promise);
    // Who only looks whether there is one does not handle its failure.
    answer.catch(() => {});
    return answer;
  }

  invalidate(args: A, receiver?: unknown): boolean {
    const key = this.#key(args, receiver);
    const wasKeptStale = this.#store.stale?.delete(key) ?? false;
    const entry = this.#store.peek(key);
    return (entry !== undefined && this.#entries.drop(entry, 'invalidate')) || wasKeptStale;
  }

  explain(args: A, receiver?: unknown): Explanation {
    const key = this.#key(args, receiver);
    const resolve = () => this.#dependencies.of(args, receiver);
    return explain({
      key,
      obstacle: this.#obstacle,
      servesStale: this.#servesStale,
      resolve,
      entries: this.#entries,
      options: this.#options,
      isToldByLoad: this.#loading.isToldAlone,
    });
  }

  clear(): void {
    this.#entries.clear();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isPlain = false;
    this.#verifier?.close();
    this.#unregister();
    this.#entries.close();
  }

  /** Whether a call may read from the cache, and fill it. */
  get #isInUse(): boolean {
    return this.#source.state === 'live' && !this.#isClosed && !isUncached();
  }

  get #obstacle(): string | null {
    if (this.#isClosed) return 'The cache is closed.';
    if (this.#source.state !== 'live') return `The source is ${this.#source.state}.`;
    return isUncached() ? 'It is asked for from within uncached().' : null;
  }

  #key(args: A, receiver: unknown): CacheKey {
    const { key } = this.#options;
    if (key === undefined) return encodeArguments(args);
    const given: unknown = Reflect.apply(key, receiver, args);
    // Which is then refused, as all that cannot be told apart by its contents.
    defuse(given);
    return encodeArguments([given]);
  }

  /** @param run where to load, if that is needed; `null`: in a run of its own */
  #route(args: A, wish: Wish, run: Run<A, R, T> | null): Promise<R> {
    if (!this.#isInUse) return this.#away(args, wish, run);
    try {
      const key = this.#key(args, wish.receiver);
      const entry = this.#entries.find(key);
      if (entry) return this.#hit(entry, args, wish);
      const dependencies = this.#dependencies.of(args, wish.receiver);
      // What the user's functions have done meanwhile may have closed the cache, or its source.
      if (!this.#isInUse) return this.#away(args, wish, run);
      return this.#miss(key, args, dependencies, wish, run);
    } catch (error) {
      return error === LOST ? this.#pass(args, wish, run) : Promise.reject(error);
    }
  }

  #hit(entry: Entry<R>, args: A, wish: Wish): Promise<R> {
    this.#counters.hits++;
    if (hitChannel.hasSubscribers) hitChannel.publish({ cache: this.#options.name, key: entry.key });
    if (entry.load === null) this.#verifier?.sample(entry, args, wish.receiver);
    const old = entry.load === null ? undefined : this.#answers.meanwhile(entry.key, wish);
    return old ?? this.#answer(entry, args, wish);
  }

  #miss(
    key: CacheKey,
    args: A,
    dependencies: ResolvedList,
    wish: Wish,
    run: Run<A, R, T> | null,
  ): Promise<R> {
    const used = run ?? new Run(this.#loading, wish.receiver);
    const old = this.#answers.meanwhile(key, wish);
    const entry = used.keep(key, args, dependencies);
    // It goes on though nobody waits for it.
    if (old) used.load.join();
    const answer = old ?? this.#answer(entry, args, wish);
    if (run === null) used.start();
    return answer;
  }

  #answer(entry: Entry<R>, args: A, wish: Wish): Promise<R> {
    return this.#answers.of(entry, wish, () => this.#route(args, wish, null));
  }

  /** The source is not live, or the caller is in a transaction of its own. */
  #away(args: A, wish: Wish, run: Run<A, R, T> | null): Promise<R> {
    if (!wish.fresh && this.#servesStale) {
      try {
        const entry = this.#entries.find(this.#key(args, wish.receiver));
        if (entry) {
          this.#counters.hits++;
          this.#counters.stale++;
          if (hitChannel.hasSubscribers) hitChannel.publish({ cache: this.#options.name, key: entry.key });
          return this.#answer(entry, args, wish);
        }
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return this.#pass(args, wish, run);
  }

  /** No entry is made and none is joined: a load that is under way may be older than this call. */
  #pass(args: A, wish: Wish, run: Run<A, R, T> | null): Promise<R> {
    const used = run ?? new Run(this.#loading, wish.receiver);
    const outcome = used.pass(args);
    const mayRescue = this.#source.state !== 'closed' && !this.#isClosed && !isUncached();
    const answer = mayRescue
      ? this.#answers.rescued(outcome, () => this.#key(args, wish.receiver), wish)
      : outcome;
    const waited = wish.signal ? used.load.wait(answer, wish.signal) : answer;
    if (!wish.signal) used.load.join();
    if (run === null) used.start();
    return waited;
  }

  /** Waits until what was committed before the call has been applied; if the source is lost meanwhile, loads. */
  async #caughtUp(args: A, wish: Wish): Promise<R> {
    // Not AbortSignal.any: it would leave something behind on a signal that lives long.
    const waiting = new AbortController();
    const leave = () => waiting.abort();
    const stop = this.#source.on('state', leave);
    wish.signal?.addEventListener('abort', leave, { once: true });
    try {
      await this.#source.caughtUp({ signal: waiting.signal });
    } catch {
      wish.signal?.throwIfAborted();
      return this.#pass(args, wish, null);
    } finally {
      stop();
      wish.signal?.removeEventListener('abort', leave);
    }
    wish.signal?.throwIfAborted();
    const entry = this.#entries.find(this.#key(args, wish.receiver));
    if (entry) this.#entries.dropIfConcerned(entry);
    return this.#route(args, wish, null);
  }

  /** Whether the connection was lost so short a time ago that what is in memory will do. */
  get #servesStale(): boolean {
    const { serveStaleForMs } = this.#options;
    if (serveStaleForMs === 0 || this.#source.state !== 'interrupted') return false;
    return !this.#isClosed && !isUncached() && this.#entries.staleForMs < serveStaleForMs;
  }
}

/** For nobody but the caller, who has time: as much of it as any load. */
function loadOnce<A extends unknown[], R, T>(
  loader: Loader<A, R, T>,
  { name, clock, loadTimeoutMs: timeoutMs }: ResolvedCacheOptions<A, R>,
  args: A,
  receiver: unknown,
): Promise<R> {
  const load = new Load<T>({ name, clock, timeoutMs }, () => {});
  const context = {
    get signal() {
      return load.signal;
    },
    dependsOn: () => {},
  };
  load.begin(() => loader.run([args], receiver, context));
  return loader.outcome(load.promise, 0, args);
}
