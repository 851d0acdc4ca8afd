import type { RowScope } from './history.js';
import type { RowOperation } from './record.js';

/** What is promised of one cache, at one argument. */
export interface PlacePromise {
  /** What the value shows besides what it names. */
  readonly scope: readonly RowScope[];
  /** For how long the strategy may keep what was told to have changed. */
  readonly boundMs: number;
  /** The operations that its predicate counts; the others do not concern it. Default: all. */
  readonly counts?: ReadonlySet<RowOperation>;
  /** For how long it may serve what is in memory while the connection is lost. */
  readonly serveStaleForMs?: number;
  /** For how long it may serve what was dropped, while it loads. */
  readonly staleWhileRevalidateMs?: number;
  /** Another place of which the row is only ever written together with that of this one. */
  readonly partner?: string;
}

/** The caches under test, each at each of its arguments, by name. */
export type Promises = ReadonlyMap<string, PlacePromise>;
