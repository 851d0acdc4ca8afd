import { LRUCache } from 'lru-cache';
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

/** What dropped entries last, by their keys, as far back as it goes. */
export class DropLog {
  readonly #drops = new LRUCache<CacheKey, Record>({ max: LIMIT });

  /** Of many at once, those that would not stay are not even written down. */
  record(entries: readonly { readonly key: CacheKey }[], drop: Record): void {
    for (let i = Math.max(0, entries.length - LIMIT); i < entries.length; i++) {
      const entry = entries[i];
      if (entry) this.#drops.set(entry.key, drop);
    }
  }

  last(key: CacheKey): Drop | null {
    const drop = this.#drops.peek(key);
    return drop ? { ...drop, at: new Date(drop.at) } : null;
  }
}
