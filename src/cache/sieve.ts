import type { CacheKey } from './keys.js';

/** What can be kept in a sieve. */
export interface Sieved {
  readonly key: CacheKey;
  /** Whether it was used since the hand last passed. */
  isUsed: boolean;
}

/**
 * Entries by their keys, of which those that are not used can be let go: SIEVE (Zhang et al., NSDI 2024). A
 * hand goes from the oldest to the newest; what was used since it last passed stays, and what was not goes.
 *
 * Compared with a list in the order of use, a use costs a single write, and a Map is all there is.
 */
export class Sieve<E extends Sieved> {
  readonly #entries = new Map<CacheKey, E>();
  /** One iterator that goes on: a new one would step over the holes that removed entries have left, each time. */
  #hand = this.#entries.values();

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
  }

  /** Removes the entry, unless another has its key. Returns whether it did. */
  delete(entry: E): boolean {
    return this.#entries.get(entry.key) === entry && this.#entries.delete(entry.key);
  }

  /** The one to let go next. It stays until it is removed. */
  oldest(): E | undefined {
    for (;;) {
      const next = this.#hand.next();
      if (next.done) {
        if (this.#entries.size === 0) return undefined;
        this.#hand = this.#entries.values();
      } else if (next.value.isUsed) {
        next.value.isUsed = false;
      } else {
        return next.value;
      }
    }
  }

  /** Removes all, and returns them. */
  clear(): E[] {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    this.#hand = this.#entries.values();
    return entries;
  }
}
