/** Why entries were dropped. */
export interface Invalidations {
  /** By the strategy, because of changes. */
  change: number;
  /** Because changes may have been missed. */
  gap: number;
  /** By `invalidate()` and `clear()`. */
  invalidate: number;
  clear: number;
  /** By `ttlMs`, and by `max`. */
  expired: number;
  evicted: number;
}

/** What a cache has done since it was made. */
export interface CacheStatistics {
  /** Calls that got a promise out of the cache, whether it was settled or not. */
  readonly hits: number;
  /** Calls that made an entry. */
  readonly misses: number;
  /** Calls that went past the cache because its source was not live. */
  readonly bypasses: number;
  /** Runs of the cached function, and those of them that failed. */
  readonly loads: number;
  readonly failures: number;
  /** Entries dropped, by cause. */
  readonly invalidations: Readonly<Invalidations>;
  /** Entries that are in the cache now. */
  readonly entries: number;
}

/** The same while it is counted. */
export class Counters {
  hits = 0;
  misses = 0;
  bypasses = 0;
  loads = 0;
  failures = 0;
  readonly invalidations: Invalidations = {
    change: 0,
    gap: 0,
    invalidate: 0,
    clear: 0,
    expired: 0,
    evicted: 0,
  };

  snapshot(entries: number): CacheStatistics {
    return { ...this, invalidations: { ...this.invalidations }, entries };
  }
}
