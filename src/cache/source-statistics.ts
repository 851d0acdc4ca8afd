import type { ChangeSource } from '../sources/change-source.js';
import { type CacheStatistics, sumOf } from './statistics.js';

/** What the caches of a source have done. */
export interface SourceStatistics {
  /** Of all caches that are open, together. */
  readonly total: CacheStatistics;
  readonly caches: readonly { readonly name: string; readonly statistics: CacheStatistics }[];
}

interface Counted {
  readonly name: string;
  readonly statistics: CacheStatistics;
}

const CACHES = new WeakMap<ChangeSource, Set<Counted>>();

/** The statistics of all caches of a source that are not closed. */
export function statisticsOf(source: ChangeSource): SourceStatistics {
  const caches = Array.from(CACHES.get(source) ?? [], ({ name, statistics }) => ({ name, statistics }));
  return { total: sumOf(caches.map(({ statistics }) => statistics)), caches };
}

/** Returns what takes it off the list again. */
export function register(source: ChangeSource, cache: Counted): () => void {
  const caches = CACHES.get(source) ?? new Set();
  CACHES.set(source, caches.add(cache));
  return () => void caches.delete(cache);
}
