import type { PgCacheWatchError } from '../errors.js';
import type { Step } from './step.js';

/** What one of the ways of announcing changes has to add to a plan. */
export interface Part {
  readonly steps: readonly Step[];
  /** What there is already, and what will become of it, a line each. */
  readonly findings: readonly string[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** What stands against it: with any, there is no plan. */
  readonly errors: readonly PgCacheWatchError[];
}

export const nothing: Part = { steps: [], findings: [], notes: [], warnings: [], errors: [] };
