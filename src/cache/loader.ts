import type { Dependency } from './dependencies.js';

/** What a run is told by, and tells. */
export interface RunContext {
  /** Aborted when the run is given up: it takes too long, or nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** The value of the i-th of the calls depends on this, too. */
  dependsOn(i: number, dependencies: Iterable<Dependency>): void;
}

/** How a cached function is run, for one call or for several together. `T`: what it gives for all of them. */
export interface Loader<A extends unknown[], R, T> {
  run(calls: readonly A[], receiver: unknown, context: RunContext): T | PromiseLike<T>;
  /** What that is for the i-th of the calls. */
  outcome(result: Promise<T>, i: number, args: A): Promise<R>;
}
