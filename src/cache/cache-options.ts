import type { Clock } from '../clock.js';
import type { ChangeSource } from '../sources/change-source.js';
import type { Strategy } from '../strategies/strategy.js';
import type { Dependency } from './dependencies.js';
import type { VerifyReport } from './verify-report.js';

/** What every kind of cache can be given. `A`: the arguments of a call; `R`: its result. */
export interface AnyCacheOptions<A extends unknown[], R = unknown> {
  /** Where changes are heard of. */
  readonly source: ChangeSource;
  /** When to drop. Default: `greedy()`. */
  readonly strategy?: Strategy | undefined;
  /** What a value is made of: a list, or a function of the arguments. Default: every watched table. */
  readonly dependsOn?: Iterable<Dependency> | ((...args: A) => Iterable<Dependency>) | undefined;
  /** What tells calls apart. Default: an injective encoding of all arguments. */
  readonly key?: ((...args: A) => unknown) | undefined;
  /** For people, and in statistics and traces. Default: the function's own name. */
  readonly name?: string | undefined;

  /** How many entries at most; of the older ones, those that were not used lately go first. Default: 10,000. */
  readonly max?: number | undefined;
  /** How many bytes at most, as `sizeOf` counts them. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** How many bytes a value takes; needed with `maxBytes`. Must not be below 0. */
  readonly sizeOf?: ((value: R) => number) | undefined;

  /** How old a value may become, counted from before its load. Default: no limit. */
  readonly ttlMs?: number | undefined;
  /**
   * For so long after a value was dropped by a change or a gap, or has expired, a call is answered with it at
   * once, while it is loaded anew for later ones. No value is served that was replaced in the database longer
   * ago than that, plus the time that the change needs to be heard of and that the strategy waits. Default: it
   * is not.
   */
  readonly staleWhileRevalidateMs?: number | undefined;
  /** The same, if the new load fails. Default: the call fails. */
  readonly staleIfErrorMs?: number | undefined;
  /**
   * What a call does while the source has lost its connection. `'bypass'`, the default: it goes to the
   * database. `{ serveStaleForMs }`: it is answered from memory, for so long after the loss was noticed (which
   * can take the source's `silenceLimitMs`).
   */
  readonly whenInterrupted?: 'bypass' | { readonly serveStaleForMs: number } | undefined;

  /** After so long, a load is given up, and those who wait for it get `LOAD_TIMEOUT`. Default: never. */
  readonly loadTimeoutMs?: number | undefined;
  /**
   * Hands the function a `LoadContext` as its last parameter, after those that callers give: `dependsOn`, to
   * tell dependencies that are known only during the load, and a `signal`. Default: false.
   */
  readonly context?: boolean | undefined;

  /** Gives every caller a copy of its own. `true`: by `structuredClone`. Default: all get the same value. */
  readonly clone?: boolean | ((value: R) => R) | undefined;
  /** Freezes a value and what it is made of, arrays and plain objects, before anyone gets it. Default: false. */
  readonly freeze?: boolean | undefined;

  /** Compares a part of the hits with a new load, to find dependencies that are missing. Default: off. */
  readonly verify?: VerifyOptions | undefined;
  /** The time to go by, for tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Those of a function that is called with its callers' arguments alone. */
export interface CacheOptions<A extends unknown[], R = unknown> extends AnyCacheOptions<A, R> {
  readonly context?: false | undefined;
}

/** Those of a function that is handed a `LoadContext` after its callers' arguments. */
export interface ContextCacheOptions<A extends unknown[], R = unknown> extends AnyCacheOptions<A, R> {
  readonly context: true;
}

export interface VerifyOptions {
  /**
   * Which part of the hits, from 0 to 1. Each one runs the function again, one at a time, each for
   * `loadTimeoutMs` at most; one that takes longer is given up with a warning.
   */
  readonly sampleRate: number;
  /** Told of every hit that differed without a reason. It is logged as well, as a warning. */
  readonly onWrong?: ((report: VerifyReport) => void) | undefined;
}
