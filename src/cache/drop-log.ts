import type { ChangeEvent } from '../changes/change-event.js';
import type { DropCause } from './hooks.js';
import type { CacheKey } from './keys.js';

/** What dropped an entry, and when. */
export interface Drop {
  readonly cause: DropCause;
  /** With cause `change`: that, without its row images. */
  readonly change: ChangeEvent | null;
  readonly at: Date;
}

interface Record extends Omit<Drop, 'at'> {
  readonly at: number;
}

/** How many are remembered: enough to ask about what happened a moment ago. */
const LIMIT = 1000;

/**
 * What dropped entries last, as far back as it goes. Written at every drop and read when somebody asks, so it
 * is a ring to be searched, and no index.
 */
export class DropLog {
  readonly #drops: { readonly key: CacheKey; readonly drop: Record }[] = [];
  #next = 0;

  /** Of many at once, those that would not stay are not even written down. */
  record(entries: readonly { readonly key: CacheKey }[], drop: Record): void {
    for (let i = Math.max(0, entries.length - LIMIT); i < entries.length; i++) {
      const entry = entries[i];
      if (!entry) continue;
      this.#drops[this.#next] = { key: entry.key, drop };
      this.#next = (this.#next + 1) % LIMIT;
    }
  }

  last(key: CacheKey): Drop | null {
    const { length } = this.#drops;
    for (let back = 1; back <= length; back++) {
      const found = this.#drops[(this.#next - back + length) % length];
      if (found?.key === key) return { ...found.drop, at: new Date(found.drop.at) };
    }
    return null;
  }
}
