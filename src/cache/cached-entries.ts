import type { ChangeTransaction } from '../changes/change-transaction.js';
import type { Gap } from '../changes/gap.js';
import { defuse } from '../defuse.js';
import { PgCacheWatchError } from '../errors.js';
import type { ChangeConsumer } from '../sources/change-source.js';
import type { ActiveStrategy } from '../strategies/strategy.js';
import { DropLog } from './drop-log.js';
import type { Entry } from './entry.js';
import type { Group } from './groups.js';
import { type DropCause, type DropMessage, dropChannel, gapChannel, publishSoon } from './hooks.js';
import type { CacheKey } from './keys.js';
import { Mark } from './mark.js';
import { RecentChanges } from './recent-changes.js';
import type { ResolvedCacheOptions } from './resolve-cache-options.js';
import type { Resolved } from './resolve-dependencies.js';
import type { Counters } from './statistics.js';
import { Store } from './store.js';

/**
 * The entries of one cache, as changes drop them.
 *
 * An entry is in the store before its load begins. Whatever drops it meanwhile takes it out, and nothing
 * puts it back: so the value of a load that an invalidation has overtaken reaches those who wait for it,
 * and nobody after.
 */
export class CachedEntries<A extends unknown[], R> implements ChangeConsumer {
  readonly store: Store<R>;
  readonly log = new DropLog();
  readonly recent = new RecentChanges();
  readonly #options: ResolvedCacheOptions<A, R>;
  readonly #counters: Counters;
  readonly #strategy: ActiveStrategy;
  readonly #detach: (() => void)[];
  /** What is to be dropped at the end of the transaction that is being applied. */
  #due: Due<R>[] | null = null;
  #interruptedAt: number | null = null;
  #isClosed = false;

  constructor(options: ResolvedCacheOptions<A, R>, counters: Counters) {
    this.#options = options;
    this.#counters = counters;
    const { source, clock, staleWhileRevalidateMs, staleIfErrorMs } = options;
    this.store = new Store({
      max: options.max,
      maxBytes: options.maxBytes,
      staleMs: Math.max(staleWhileRevalidateMs, staleIfErrorMs),
      onEvicted: (entry) => this.#tellDropped([entry], 'evicted', null),
    });
    this.#strategy = options.strategy.attach({
      clock,
      collection: () => this.store.collection((group, mark) => this.#onDue(group, mark)),
    });
    const noted = source.on('state', (state) => {
      if (state === 'interrupted') this.#interruptedAt = clock.now();
      else if (state === 'live') this.#interruptedAt = null;
    });
    this.#detach = [source.attach(this), noted];
  }

  /** The entry of a key, unless it has expired. */
  find(key: CacheKey): Entry<R> | undefined {
    const entry = this.store.get(key);
    if (entry === undefined || !this.isExpired(entry)) return entry;
    this.drop(entry, 'expired');
    return undefined;
  }

  isExpired({ startedAt }: Entry<R>): boolean {
    const { ttlMs, clock } = this.#options;
    return ttlMs !== undefined && clock.now() - startedAt >= ttlMs;
  }

  /** For how long it has not been known whether what is stored is what the database says. */
  get staleForMs(): number {
    return this.#options.clock.now() - this.freshUntil;
  }

  /** For how long the entry's value has been past its time: that of the source, or its own. */
  staleForMsOf(entry: Entry<R>): number {
    return this.#options.clock.now() - this.#freshUntilOf(entry);
  }

  /** By the cache's clock: up to then, what is stored is known to be what the database says. */
  get freshUntil(): number {
    return this.#interruptedAt ?? this.#options.clock.now();
  }

  prepare(transaction: ChangeTransaction): () => void {
    const due: Due<R>[] = [];
    this.#due = due;
    try {
      this.recent.add(transaction.changes);
      const given: unknown = this.#strategy.apply(transaction);
      if (given !== undefined) refuseAsync(given);
      // What a durable slot tells of the time that it was away has been stale for as long as that: it is not waited with.
      if (this.#options.source.state !== 'live')
        for (const collection of this.store.collections) collection.drop();
    } finally {
      this.#due = null;
      // From within a predicate: what the strategy has set up since must not outlive it.
      if (this.#isClosed) this.#closeStrategy();
    }
    for (const collection of this.store.collections) collection.applied();
    return () => {
      for (const { group, mark } of due) this.#dropGroup(group, mark);
    };
  }

  gap(gap: Gap): void {
    const entries = this.#clear('gap');
    if (gapChannel.hasSubscribers) publishSoon(gapChannel, [{ cache: this.#options.name, gap, entries }]);
  }

  /** Drops the entry, unless another has taken its place. Returns whether it did. */
  drop(entry: Entry<R>, cause: DropCause, mark: Mark | null = null): boolean {
    if (!this.#remove(entry, cause)) return false;
    this.#tellDropped([entry], cause, mark);
    return true;
  }

  /** Whether a change has concerned the entry, and the strategy has not dropped it yet. */
  isConcerned(entry: Entry<R>): boolean {
    return this.#markOf(entry) !== null;
  }

  /** Drops the entry if a change has concerned it, though the strategy would wait. */
  dropIfConcerned(entry: Entry<R>): void {
    const mark = this.#markOf(entry);
    if (mark) this.drop(entry, 'change', mark);
  }

  /** The load itself tells what it depends on. `null`: every watched table. */
  tell(entry: Entry<R>, dependency: Resolved | null): void {
    this.store.depend(entry, dependency && [dependency]);
    const overtaken = entry.late?.tell(dependency);
    if (overtaken) this.drop(entry, 'change', overtaken.change && new Mark(0, overtaken.change));
  }

  clear(): void {
    this.#clear('clear');
    this.store.stale?.clear();
  }

  close(): void {
    this.#isClosed = true;
    for (const detach of this.#detach) detach();
    try {
      this.clear();
    } finally {
      this.#closeStrategy();
    }
  }

  #closeStrategy(): void {
    const given: unknown = this.#strategy.close();
    defuse(given);
  }

  #markOf(entry: Entry<R>): Mark | null {
    for (const collection of this.store.collections) {
      const mark = collection.markOf(entry);
      if (mark) return mark;
    }
    return null;
  }

  #clear(cause: 'gap' | 'clear'): number {
    const entries = this.store.clear();
    for (const entry of entries) this.#keepStale(entry, cause);
    this.#tellDropped(entries, cause, null);
    // Last, as it may be the user's, and throw.
    const given: unknown = this.#strategy.reset();
    defuse(given);
    return entries.length;
  }

  #onDue(group: Group<Entry<R>>, mark: Mark): void {
    if (this.#due) this.#due.push({ group, mark });
    else this.#dropGroup(group, mark);
  }

  #dropGroup(group: Group<Entry<R>>, mark: Mark): void {
    // A list first: to drop an entry is to take it out of the very set that is being gone through.
    const entries: Entry<R>[] = [];
    group.collect(mark.upTo, entries);
    let dropped = 0;
    for (const entry of entries) if (this.#remove(entry, 'change')) entries[dropped++] = entry;
    if (dropped < entries.length) entries.length = dropped;
    this.#tellDropped(entries, 'change', mark);
  }

  #remove(entry: Entry<R>, cause: DropCause): boolean {
    if (!this.store.remove(entry)) return false;
    this.#keepStale(entry, cause);
    return true;
  }

  #keepStale(entry: Entry<R>, cause: DropCause): void {
    const { stale } = this.store;
    if (stale === null || entry.load !== null || !STALE.has(cause)) return;
    const { key, promise, bytes } = entry;
    stale.keep(key, { promise, freshUntil: this.#freshUntilOf(entry), bytes });
  }

  #freshUntilOf({ startedAt }: Entry<R>): number {
    return Math.min(startedAt + (this.#options.ttlMs ?? Number.POSITIVE_INFINITY), this.freshUntil);
  }

  #tellDropped(entries: readonly Entry<R>[], cause: DropCause, mark: Mark | null): void {
    this.#counters.invalidations[cause] += entries.length;
    if (entries.length === 0) return;
    const change = mark?.change ?? null;
    this.log.record(entries, { cause, change: mark?.release() ?? null, at: Date.now() });
    if (!dropChannel.hasSubscribers) return;
    const { name } = this.#options;
    publishSoon(
      dropChannel,
      entries.map(({ key }): DropMessage => ({ cache: name, key, cause, change })),
    );
  }
}

/** What is to be dropped, and why. */
interface Due<R> {
  readonly group: Group<Entry<R>>;
  readonly mark: Mark;
}

/** Of what was dropped for these, the values may still be wanted. */
const STALE: ReadonlySet<DropCause> = new Set<DropCause>(['change', 'gap', 'expired']);

/** Its changes are applied at once, or they are lost. */
function refuseAsync(given: unknown): void {
  if (!(given instanceof Promise)) return;
  defuse(given);
  throw new PgCacheWatchError('CALLBACK', 'The strategy gave a promise', {
    remedy: 'Apply a transaction without await.',
  });
}
