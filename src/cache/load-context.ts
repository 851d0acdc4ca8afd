import type { Dependency } from './dependencies.js';

/** What a cached function is handed with `context: true`. */
export interface LoadContext {
  /**
   * The value depends on this, too: besides what the option `dependsOn` says, or, without it, instead of every
   * watched table. It counts from the beginning of the load: if it has changed since, the value is not kept.
   *
   * @throws PgCacheWatchError `NOT_WATCHED`, `BAD_OPTION`; `STATE` once the load has ended. The value is not
   *   kept then.
   */
  readonly dependsOn: (...dependencies: Dependency[]) => void;
  /** Aborted when the load takes longer than `loadTimeoutMs`, or when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/** What a function of many keys is handed with `context: true`. */
export interface ManyContext<K> {
  /** The value of one of the keys depends on this, too: see `LoadContext`. */
  readonly dependsOn: (key: K, ...dependencies: Dependency[]) => void;
  /** Aborted when the load takes longer than `loadTimeoutMs`, or when nobody waits for any of the keys. */
  readonly signal: AbortSignal;
}
