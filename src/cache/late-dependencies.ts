import type { ChangeEvent } from '../changes/change-event.js';
import type { RecentChanges } from './recent-changes.js';
import type { Resolved } from './resolve-dependencies.js';

/**
 * What a load tells of its dependencies while it runs. What is told may have changed since the load began:
 * then its value is overtaken, as if it had been told at the beginning.
 */
export class LateDependencies {
  readonly #recent: RecentChanges;
  readonly #since: number;
  /** The count of the first change that overtook the load. */
  #overtakenAt = Number.POSITIVE_INFINITY;
  /** Whether anything was told. */
  isTold = false;

  constructor(recent: RecentChanges) {
    this.#recent = recent;
    this.#since = recent.open();
  }

  /** @returns whether it was overtaken by a change of that, and by which, if that is still known */
  tell(dependency: Resolved | null): { readonly change: ChangeEvent | null } | null {
    this.isTold = true;
    const first = this.#recent.firstOf(this.#since, dependency);
    if (first) this.#overtakenAt = Math.min(this.#overtakenAt, first.at);
    return first;
  }

  /**
   * For whoever joins the load now: whether, in the end, what they wait for is older than their call. `null`
   * where that cannot be: nothing has changed so far.
   */
  joined(): (() => boolean) | null {
    const at = this.#recent.count;
    return at === this.#since ? null : () => this.#overtakenAt < at;
  }

  /** The load has ended. */
  close(): void {
    this.#recent.close();
  }
}
