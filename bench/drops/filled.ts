import { verify } from '../harness/verify.js';
import { collectYoung } from './collect-garbage.js';
import type { By, Change, TagCache, TagCaches } from './tag-cache.js';

/** A cache with all its entries in it, and what it takes to tell that a change dropped what it should. */
export class Filled {
  readonly size: number;
  readonly #name: string;
  readonly #cache: TagCache;
  readonly #dropsMore: boolean;
  #loads = 0;

  private constructor(tagCaches: TagCaches, size: number, by: By) {
    this.size = size;
    this.#name = `${tagCaches.name} with ${size} entries`;
    this.#dropsMore = tagCaches.dropsMore ?? false;
    this.#cache = tagCaches.make(size, by, async (id) => {
      this.#loads++;
      return id;
    });
  }

  static async make(tagCaches: TagCaches, size: number, by: By): Promise<Filled> {
    const filled = new Filled(tagCaches, size, by);
    await filled.load(0, size);
    return filled;
  }

  /** Asks for these entries, which must all be missing, and no other one. */
  async load(first: number, count: number): Promise<void> {
    const before = this.#loads;
    for (let id = first; id < first + count; id++) await this.#get(id);
    verify(`loads of ${this.#name}, for ${count} entries that are not there`, this.#loads - before, count);
    if (this.#cache.size !== undefined) verify(`entries of ${this.#name}`, this.#cache.size, this.size);
  }

  /** Applies the changes one by one, and returns the nanoseconds that all of them took. */
  async apply(changes: readonly Change[]): Promise<number> {
    const drops = changes.map((change) => this.#cache.prepare(change));
    // The loads have left thousands of new entries, and to move those takes longer than the drops.
    collectYoung();
    const start = process.hrtime.bigint();
    for (const drop of drops) {
      const done = drop();
      // Ours is done when it returns; to await it would cost more than it does.
      if (done instanceof Promise) await done;
    }
    return Number(process.hrtime.bigint() - start);
  }

  /** That these were dropped, and nothing else; then they are there again. */
  async refill(dropped: readonly number[]): Promise<void> {
    if (this.#cache.size !== undefined) {
      verify(`entries of ${this.#name} after the drops`, this.#cache.size, this.size - dropped.length);
    }
    const before = this.#loads;
    for (const id of dropped) await this.#get(id);
    verify(`loads of ${this.#name} after ${dropped.length} drops`, this.#loads - before, dropped.length);
    for (const id of dropped) await this.#get((id + 1) % this.size);
    if (this.#dropsMore) return;
    verify(`loads of ${this.#name} for what was not dropped`, this.#loads - before, dropped.length);
  }

  async #get(id: number): Promise<void> {
    verify(`a value of ${this.#name}`, await this.#cache.get(id), id);
  }
}
