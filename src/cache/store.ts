import { EntryCollection } from './collection.js';
import { DependencyIndex } from './dependency-index.js';
import type { Entry } from './entry.js';
import type { Group } from './groups.js';
import type { CacheKey } from './keys.js';
import type { Mark } from './mark.js';
import type { Resolved } from './resolve-dependencies.js';
import { Sieve } from './sieve.js';
import { StaleValues } from './stale-values.js';

interface StoreOptions<R> {
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
  readonly #collections: EntryCollection<Entry<R>>[] = [];
  readonly #index: DependencyIndex<Entry<R>>;
  readonly #entries = new Sieve<Entry<R>>();
  readonly stale: StaleValues<R> | null;
  #bytes = 0;

  constructor(options: StoreOptions<R>) {
    this.#options = options;
    this.#index = new DependencyIndex((group) => {
      for (const collection of this.#collections) collection.forget(group);
    });
    this.stale = options.staleMs > 0 ? new StaleValues(options.max, options.staleMs) : null;
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
    this.#collections.push(collection);
    return collection;
  }

  get collections(): readonly EntryCollection<Entry<R>>[] {
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
    return entry.isKept;
  }

  /** @param dependencies `null`: every watched table */
  add(entry: Entry<R>, dependencies: readonly Resolved[] | null): void {
    const before = this.#entries.peek(entry.key);
    if (before) this.remove(before);
    while (this.#entries.size >= this.#options.max) this.#evict();
    this.#entries.add(entry);
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
    while (this.bytes > maxBytes) if (!this.stale?.evict()) this.#evict();
  }

  /** Returns whether it was there. */
  remove(entry: Entry<R>): boolean {
    if (!this.#entries.delete(entry)) return false;
    this.#forget(entry);
    return true;
  }

  /** Removes all, and returns them, the newest at the end. */
  clear(): Entry<R>[] {
    const entries = this.#entries.clear();
    for (const entry of entries) this.#forget(entry);
    for (const collection of this.#collections) collection.clear();
    return entries;
  }

  #evict(): void {
    const entry = this.#entries.next();
    if (entry && this.remove(entry)) this.#options.onEvicted(entry);
  }

  #forget(entry: Entry<R>): void {
    this.#index.delete(entry);
    this.#bytes -= entry.bytes;
  }
}
