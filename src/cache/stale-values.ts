import { LRUCache } from 'lru-cache';
import type { CacheKey } from './keys.js';

interface StaleValue<R> {
  readonly promise: Promise<R>;
  /** By the cache's clock: up to then it was known to be what the database says. */
  readonly freshUntil: number;
  readonly bytes: number;
}

/** Values that are known to be past their time, kept for those who asked for `staleWhile…` or `staleIf…`. */
export class StaleValues<R> {
  readonly #values: LRUCache<CacheKey, StaleValue<R>>;
  readonly #longestMs: number;
  #bytes = 0;

  /** @param longestMs after that, nobody asks for them any more */
  constructor(max: number, longestMs: number) {
    this.#longestMs = longestMs;
    this.#values = new LRUCache({ max, dispose: ({ bytes }) => this.#countDown(bytes) });
  }

  get bytes(): number {
    return this.#bytes;
  }

  keep(key: CacheKey, value: StaleValue<R>): void {
    this.#bytes += value.bytes;
    this.#values.set(key, value);
  }

  /** The value, if it was fresh within the last so many milliseconds. */
  find(key: CacheKey, now: number, withinMs: number): Promise<R> | undefined {
    const value = this.#values.get(key);
    if (!value) return undefined;
    const staleMs = now - value.freshUntil;
    if (staleMs >= this.#longestMs) this.#values.delete(key);
    return staleMs < withinMs ? value.promise : undefined;
  }

  /** Returns whether there was one. */
  delete(key: CacheKey): boolean {
    return this.#values.delete(key);
  }

  /** Gives up the least recently used. Returns whether there was one. */
  evict(): boolean {
    return this.#values.pop() !== undefined;
  }

  clear(): void {
    this.#values.clear();
  }

  #countDown(bytes: number): void {
    this.#bytes -= bytes;
  }
}
