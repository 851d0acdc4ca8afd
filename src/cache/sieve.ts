import type { CacheKey } from './keys.js';

/** What can be kept in a sieve, which sets all but the key. */
export interface Sieved<E> {
  readonly key: CacheKey;
  /** Whether it is in the sieve. */
  isKept: boolean;
  /** Whether it was used since the hand last passed. */
  isUsed: boolean;
  /** The next one in the order in which they came. */
  newer: E | null;
  older: E | null;
}

/**
 * Entries by their keys, of which those that are not used can be let go: SIEVE (Zhang et al., NSDI 2024). A
 * hand goes from the oldest to the newest; what was used since it last passed stays, and what was not goes.
 * Compared with a list in the order of use, a use costs a single write.
 *
 * The entries are linked by themselves: an iterator of the Map, kept as the hand, would keep every table that
 * the Map has outgrown, and all that was ever in it.
 */
export class Sieve<E extends Sieved<E>> {
  readonly #entries = new Map<CacheKey, E>();
  #oldest: E | null = null;
  #newest: E | null = null;
  #hand: E | null = null;

  get size(): number {
    return this.#entries.size;
  }

  get(key: CacheKey): E | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.isUsed = true;
    return entry;
  }

  /** Without counting as a use. */
  peek(key: CacheKey): E | undefined {
    return this.#entries.get(key);
  }

  /** Its key must not be there. */
  add(entry: E): void {
    this.#entries.set(entry.key, entry);
    entry.isKept = true;
    entry.older = this.#newest;
    if (this.#newest) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  /** Removes the entry. Returns whether it was there. */
  delete(entry: E): boolean {
    if (!entry.isKept) return false;
    entry.isKept = false;
    this.#entries.delete(entry.key);
    const { newer, older } = entry;
    if (newer) newer.older = older;
    else this.#newest = older;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (this.#hand === entry) this.#hand = newer;
    entry.newer = null;
    entry.older = null;
    return true;
  }

  /** The one to let go next. It stays until it is removed. */
  next(): E | undefined {
    let at = this.#hand ?? this.#oldest;
    while (at?.isUsed) {
      at.isUsed = false;
      at = at.newer ?? this.#oldest;
    }
    this.#hand = at;
    return at ?? undefined;
  }

  /** Removes all, and returns them, the newest at the end. */
  clear(): E[] {
    const entries = [...this.#entries.values()];
    for (const entry of entries) this.delete(entry);
    return entries;
  }
}
