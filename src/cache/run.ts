import type { Dependency } from './dependencies.js';
import { Entry } from './entry.js';
import { deepFreeze } from './freeze.js';
import { loadChannel, missChannel } from './hooks.js';
import type { CacheKey } from './keys.js';
import { LateDependencies } from './late-dependencies.js';
import { Load } from './load.js';
import type { RunContext } from './loader.js';
import type { Loading } from './loading.js';
import type { ResolvedList } from './watched-dependencies.js';

/**
 * One run of the cached function: for entries that are in the store before it starts, and for calls whose
 * values will not be kept.
 */
export class Run<A extends unknown[], R, T> {
  readonly load: Load<T>;
  readonly #loading: Loading<A, R, T>;
  readonly #receiver: unknown;
  readonly #startedAt: number;
  readonly #calls: A[] = [];
  /** One for each call whose value is kept; the places of the others are empty. */
  readonly #entries: (Entry<R> | null)[] = [];

  constructor(loading: Loading<A, R, T>, receiver: unknown) {
    const { name, clock, loadTimeoutMs: timeoutMs } = loading.options;
    this.#loading = loading;
    this.#receiver = receiver;
    this.#startedAt = clock.now();
    this.load = new Load<T>({ name, clock, timeoutMs }, () => this.#forget());
  }

  /** Makes the entry of a call. */
  keep(key: CacheKey, args: A, dependencies: ResolvedList): Entry<R> {
    const loading = this.#loading;
    const entry = new Entry<R>(key, this.#add(args), this.#startedAt, this.load);
    if (loading.options.context) entry.late = new LateDependencies(loading.entries.recent);
    this.#entries[this.#calls.length - 1] = entry;
    loading.entries.store.add(entry, loading.isToldAlone ? [] : dependencies);
    entry.promise.then(
      (value) => loading.loaded(entry, value),
      () => loading.failed(entry),
    );
    loading.counters.misses++;
    if (missChannel.hasSubscribers) missChannel.publish({ cache: loading.options.name, key });
    return entry;
  }

  /** Takes in a call whose value will not be kept. */
  pass(args: A): Promise<R> {
    this.#loading.counters.bypasses++;
    return this.#add(args);
  }

  /** Runs the function, if there is any call to run it for. */
  start(): void {
    if (this.#calls.length === 0) return;
    const { loader, counters } = this.#loading;
    counters.loads++;
    this.load.promise.then(
      () => this.#trace(undefined),
      (error) => {
        counters.failures++;
        this.#trace(error);
      },
    );
    this.load.begin(() => loader.run(this.#calls, this.#receiver, this.#context()));
  }

  #add(args: A): Promise<R> {
    const { loader, options } = this.#loading;
    const outcome = loader.outcome(this.load.promise, this.#calls.push(args) - 1, args);
    return options.freeze ? outcome.then(deepFreeze) : outcome;
  }

  #context(): RunContext {
    const { load } = this;
    return {
      get signal() {
        return load.signal;
      },
      dependsOn: (i, dependencies: Iterable<Dependency>) => {
        const entry = this.#entries[i];
        if (entry) this.#loading.tell(entry, dependencies);
      },
    };
  }

  #forget(): void {
    for (const entry of this.#entries) if (entry) this.#loading.entries.store.remove(entry);
  }

  #trace(error: unknown): void {
    if (!loadChannel.hasSubscribers) return;
    const { name, clock } = this.#loading.options;
    const keys = this.#entries.flatMap((entry) => (entry ? [entry.key] : []));
    loadChannel.publish({ cache: name, keys, durationMs: clock.now() - this.#startedAt, error });
  }
}
