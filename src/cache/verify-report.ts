import type { ChangeEvent } from '../changes/change-event.js';
import type { Difference } from './difference.js';

/** A cached value that a new load did not confirm, though no change that it depends on was heard of. */
export interface VerifyReport {
  /** What the entry is stored under. */
  readonly key: string | number;
  readonly args: readonly unknown[];
  /** How old the cached value was. */
  readonly ageMs: number;
  /** Where the two differ, as far as it was looked for. */
  readonly differences: readonly Difference[];
  /**
   * The changes heard since the cached value was loaded, the latest first, without row images: none of them
   * concerned it, and one of them should have. Only the last ones are known. If there is none, the function's
   * result depends on something else than the watched tables.
   */
  readonly suspects: readonly ChangeEvent[];
}
