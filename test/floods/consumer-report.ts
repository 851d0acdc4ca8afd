import type { ChangeStatistics, SourceOptions } from '../../src/index.js';

/** What keeps the event loop for `ms` at each change. */
export type Slow = 'listener' | 'predicate' | 'iteration';

export interface ConsumerOptions {
  readonly source: SourceOptions;
  readonly slow?: { readonly what: Slow; readonly ms: number } | undefined;
}

/** What has become of the process so far. Sizes are in MB, counted from when the source became live. */
export interface ConsumerReport {
  readonly state: string;
  readonly wholeTables: number;
  readonly errors: readonly string[];
  readonly logLines: number;
  readonly peakRssMb: number;
  readonly peakHeapMb: number;
  /** After a garbage collection. */
  readonly heapMb: number;
  readonly rssMb: number;
  /** How long the event loop was held at most, beyond the 5 ms of its own timer. */
  readonly blockedMs: number;
  readonly statistics: ChangeStatistics;
}

export interface Comparison {
  /** Keys of which the cache and the database say different things. */
  readonly different: number;
  readonly keys: number;
  readonly caughtUpMs: number;
}

/** What a consumer can be asked, and what it answers. */
export interface Answers {
  report: ConsumerReport;
  compare: Comparison;
  /** Resolves when `caughtUp` has. */
  caughtUp: number;
  close: null;
}
