import type { Placed } from './dependency-index.js';
import type { Bucket } from './groups.js';
import type { CacheKey } from './keys.js';
import type { LateDependencies } from './late-dependencies.js';
import type { Waiting } from './load.js';
import type { Sieved } from './sieve.js';

/** The result of a call, from before its load begins. */
export class Entry<R> implements Placed<Entry<R>>, Sieved<Entry<R>> {
  readonly key: CacheKey;
  readonly promise: Promise<R>;
  /** By the cache's clock, before the load: the value may be as old as that. */
  readonly startedAt: number;
  places: Bucket<Entry<R>> | Bucket<Entry<R>>[] | null = null;
  /** The load, while it is under way. */
  load: Waiting | null;
  /** What the load itself tells of its dependencies, while it may. */
  late: LateDependencies | null = null;
  isKept = false;
  isUsed = false;
  newer: Entry<R> | null = null;
  older: Entry<R> | null = null;
  /** What `sizeOf` gave. */
  bytes = 0;

  constructor(key: CacheKey, promise: Promise<R>, startedAt: number, load: Waiting) {
    this.key = key;
    this.promise = promise;
    this.startedAt = startedAt;
    this.load = load;
  }
}
