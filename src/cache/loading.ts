import { inspect } from 'node:util';
import { defuse } from '../defuse.js';
import { PgCacheWatchError } from '../errors.js';
import type { CachedEntries } from './cached-entries.js';
import { CallbackErrors } from './callback-errors.js';
import type { Dependency } from './dependencies.js';
import type { Entry } from './entry.js';
import type { Loader } from './loader.js';
import type { ResolvedCacheOptions } from './resolve-cache-options.js';
import type { Counters } from './statistics.js';
import { LOST, type WatchedDependencies } from './watched-dependencies.js';

/** What the runs of one cached function have in common: what becomes of the entries that they are for. */
export class Loading<A extends unknown[], R, T> {
  readonly loader: Loader<A, R, T>;
  readonly options: ResolvedCacheOptions<A, R>;
  readonly entries: CachedEntries<A, R>;
  readonly counters: Counters;
  readonly #dependencies: WatchedDependencies<A>;
  readonly #callbackErrors: CallbackErrors;

  constructor(
    loader: Loader<A, R, T>,
    options: ResolvedCacheOptions<A, R>,
    entries: CachedEntries<A, R>,
    dependencies: WatchedDependencies<A>,
    counters: Counters,
  ) {
    this.loader = loader;
    this.options = options;
    this.entries = entries;
    this.counters = counters;
    this.#dependencies = dependencies;
    this.#callbackErrors = new CallbackErrors(options);
  }

  /** Whether it is for the runs alone to tell what a value depends on. */
  get isToldAlone(): boolean {
    return this.options.context === true && !this.#dependencies.isGiven;
  }

  /** A run tells what its value depends on. */
  tell(entry: Entry<R>, dependencies: Iterable<Dependency>): void {
    if (entry.late === null) {
      this.entries.store.remove(entry);
      const { context, name } = this.options;
      throw context ? toldTooLate(name) : toldUnasked(name);
    }
    try {
      for (const resolved of this.#dependencies.resolve(dependencies)) this.entries.tell(entry, resolved);
    } catch (error) {
      // Whether the function minds or not: what cannot be invalidated is not kept.
      this.entries.store.remove(entry);
      if (error !== LOST) throw error;
    }
  }

  loaded(entry: Entry<R>, value: R): void {
    // Nothing was told: it may depend on anything.
    if (this.isToldAlone && !entry.late?.isTold) this.entries.tell(entry, null);
    this.#over(entry);
    const { store } = this.entries;
    if (!store.has(entry)) {
      this.counters.overtaken++;
      return;
    }
    store.stale?.delete(entry.key);
    const { sizeOf } = this.options;
    if (sizeOf) this.#weigh(entry, value, sizeOf);
  }

  failed(entry: Entry<R>): void {
    this.entries.store.remove(entry);
    this.#over(entry);
  }

  /** Of what has no size, nobody knows whether there is room for it. The call succeeds all the same. */
  #weigh(entry: Entry<R>, value: R, sizeOf: (value: R) => number): void {
    try {
      this.entries.store.weigh(entry, checkedBytes(sizeOf(value)));
    } catch (error) {
      this.entries.drop(entry, 'evicted');
      this.#callbackErrors.report('sizeOf', error, 'Values without a size are not kept.');
    }
  }

  #over(entry: Entry<R>): void {
    entry.load = null;
    entry.late?.close();
    entry.late = null;
  }
}

/** Infinity is a size: there is never room for it. */
function checkedBytes(bytes: unknown): number {
  if (typeof bytes === 'number' && bytes >= 0) return bytes;
  defuse(bytes);
  throw new Error(`it gave ${inspect(bytes)}, which is no number of bytes`);
}

function toldUnasked(name: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', `${name} tells dependencies, without the option context`, {
    remedy: 'Pass context: true. Without dependsOn, the values then depend on what is told alone.',
  });
}

function toldTooLate(name: string): PgCacheWatchError {
  return new PgCacheWatchError('STATE', `${name} has told a dependency after its load had ended`, {
    remedy: 'Call dependsOn before the function returns, or its promise resolves. The value was dropped.',
  });
}
