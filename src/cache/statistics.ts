/** Why entries were dropped. */
export interface Invalidations {
  /** By the strategy, because of changes. */
  change: number;
  /** Because changes may have been missed. */
  gap: number;
  /** By `invalidate()` and `clear()`. */
  invalidate: number;
  clear: number;
  /** By `ttlMs`, and by `max` and `maxBytes`. */
  expired: number;
  evicted: number;
}

/** What a cache has done since it was made. */
export interface CacheStatistics {
  /** Calls that got a promise out of the cache, whether it was settled or not. */
  readonly hits: number;
  /** Calls that made an entry. */
  readonly misses: number;
  /** Calls that went past the cache: its source was not live, or it is closed, or from within `uncached`. */
  readonly bypasses: number;
  /**
   * Calls that got a value past its time: because of `staleWhileRevalidateMs`, `staleIfErrorMs` or
   * `whenInterrupted`. They count as hits or misses, too, where they found or made an entry.
   */
  readonly stale: number;
  /** Runs of the cached function, and those of them that failed. */
  readonly loads: number;
  readonly failures: number;
  /** Loads whose value was not kept, because something dropped the entry before it came. */
  readonly overtaken: number;
  /** Entries dropped, by cause. */
  readonly invalidations: Readonly<Invalidations>;
  /** Hits that were loaded again to compare (`verify`), and those that differed without a reason. */
  readonly verified: number;
  readonly wrong: number;
  /** Entries that are in the cache now, and their bytes as `sizeOf` counts them. */
  readonly entries: number;
  readonly bytes: number;
}

const COUNTED = [
  'hits',
  'misses',
  'bypasses',
  'stale',
  'loads',
  'failures',
  'overtaken',
  'verified',
  'wrong',
] as const;
const CAUSES = ['change', 'gap', 'invalidate', 'clear', 'expired', 'evicted'] as const;

/** The same while it is counted. */
export class Counters {
  hits = 0;
  misses = 0;
  bypasses = 0;
  stale = 0;
  loads = 0;
  failures = 0;
  overtaken = 0;
  verified = 0;
  wrong = 0;
  readonly invalidations: Invalidations = {
    change: 0,
    gap: 0,
    invalidate: 0,
    clear: 0,
    expired: 0,
    evicted: 0,
  };

  snapshot(entries: number, bytes: number): CacheStatistics {
    return { ...this, invalidations: { ...this.invalidations }, entries, bytes };
  }
}

/** What several caches have done together. */
export function sumOf(all: Iterable<CacheStatistics>): CacheStatistics {
  const sum = new Counters();
  let entries = 0;
  let bytes = 0;
  for (const each of all) {
    for (const name of COUNTED) sum[name] += each[name];
    for (const cause of CAUSES) sum.invalidations[cause] += each.invalidations[cause];
    entries += each.entries;
    bytes += each.bytes;
  }
  return sum.snapshot(entries, bytes);
}
