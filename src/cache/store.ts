import { LRUCache } from 'lru-cache';
import { EntryCollection } from './collection.js';
import { DependencyIndex } from './dependency-index.js';
import type { Entry } from './entry.js';
import type { Group } from './groups.js';
import type { CacheKey } from './keys.js';
import type { Mark } from './mark.js';
import type { Resolved } from './resolve-dependencies.js';
import { StaleValues } from './stale-values.js';

export interface StoreOptions<R> {
  readonly max: number;
  readonly maxBytes: number | undefined;
  /** How long values past their time are kept. 0: they are not. */
  readonly staleMs: number;
  /** Room was needed. */
  readonly onEvicted: (entry: Entry<R>) => void;
}

/** The entries of one cache: bounded, found by key and by what they depend on. */
export class Store<R> {
  readonly #options: StoreOptions<R>;
  readonly #collections = new Set<EntryCollection<Entry<R>>>();
  readonly #index: DependencyIndex<Entry<R>>;
  readonly #entries: LRUCache<CacheKey, Entry<R>>;
  readonly stale: StaleValues<R> | null;
  #bytes = 0;

  constructor(options: StoreOptions<R>) {
    this.#options = options;
    this.#index = new DependencyIndex((group) => {
      for (const collection of this.#collections) collection.forget(group);
    });
    this.stale = options.staleMs > 0 ? new StaleValues(options.max, options.staleMs) : null;
    this.#entries = new LRUCache({
      max: options.max,
      dispose: (entry, _key, reason) => {
        this.#index.delete(entry);
        this.#bytes -= entry.bytes;
        if (reason === 'evict') options.onEvicted(entry);
      },
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes + (this.stale?.bytes ?? 0);
  }

  /** How many tables and rows the entries depend on. */
  get dependencies(): number {
    return this.#index.size;
  }

  /** A collection of entries. What it is told to drop, it hands on. */
  collection(onDrop: (group: Group<Entry<R>>, mark: Mark) => void): EntryCollection<Entry<R>> {
    const collection = new EntryCollection(this.#index, onDrop);
    this.#collections.add(collection);
    return collection;
  }

  get collections(): Iterable<EntryCollection<Entry<R>>> {
    return this.#collections;
  }

  get(key: CacheKey): Entry<R> | undefined {
    return this.#entries.get(key);
  }

  /** Without counting as a use. */
  peek(key: CacheKey): Entry<R> | undefined {
    return this.#entries.peek(key);
  }

  /** Whether it is still the one in the store: another may have taken its place. */
  has(entry: Entry<R>): boolean {
    return this.#entries.peek(entry.key) === entry;
  }

  /** @param dependencies `null`: every watched table */
  add(entry: Entry<R>, dependencies: readonly Resolved[] | null): void {
    this.#entries.set(entry.key, entry);
    this.#index.add(entry, dependencies);
  }

  /** It depends on more than was known. */
  depend(entry: Entry<R>, dependencies: readonly Resolved[] | null): void {
    if (this.has(entry)) this.#index.add(entry, dependencies);
  }

  /** Its size is known; it makes room for it. */
  weigh(entry: Entry<R>, bytes: number): void {
    const { maxBytes } = this.#options;
    if (maxBytes === undefined || !this.has(entry)) return;
    if (bytes > maxBytes) {
      // It would push out all the others, and then itself.
      this.remove(entry);
      this.#options.onEvicted(entry);
      return;
    }
    entry.bytes = bytes;
    this.#bytes += bytes;
    while (this.bytes > maxBytes) if (!this.stale?.evict()) this.#entries.pop();
  }

  /** Returns whether it was there. */
  remove(entry: Entry<R>): boolean {
    return this.has(entry) && this.#entries.delete(entry.key);
  }

  /** Removes all, and returns them, those used last at the end. */
  clear(): Entry<R>[] {
    const entries = [...this.#entries.values()].reverse();
    this.#entries.clear();
    for (const collection of this.#collections) collection.clear();
    return entries;
  }
}
