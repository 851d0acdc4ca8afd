import type { ChangeEvent } from '../changes/change-event.js';
import type { Collection } from '../strategies/strategy.js';
import { type DependencyIndex, type Placed, placesOf } from './dependency-index.js';
import type { Group } from './groups.js';
import { Mark } from './mark.js';

/** Groups of entries, as they stood when a change concerned them: to add a group costs the same however large. */
export class EntryCollection<E extends Placed<E>> implements Collection {
  readonly #index: DependencyIndex<E>;
  readonly #onDrop: (group: Group<E>, mark: Mark) => void;
  readonly #marks = new Map<Group<E>, Mark>();
  /** Those of the transaction that is being applied. */
  #recent: Mark[] = [];

  /** @param onDrop is told of each group that is to be dropped */
  constructor(index: DependencyIndex<E>, onDrop: (group: Group<E>, mark: Mark) => void) {
    this.#index = index;
    this.#onDrop = onDrop;
  }

  add(change: ChangeEvent): boolean {
    const groups = this.#index.concerned(change);
    if (groups.length === 0) return false;
    const mark = new Mark(this.#index.latest, change);
    this.#recent.push(mark);
    for (const group of groups) this.#marks.set(group, mark);
    return true;
  }

  drop(): void {
    if (this.#marks.size === 0) return;
    for (const [group, mark] of this.#marks) {
      this.#onDrop(group, mark);
      // One by one, since Map.clear() makes a new table; nearly always there is one.
      this.#marks.delete(group);
    }
    this.#recent = [];
  }

  /** The transaction was applied: what is still collected may be kept for long. */
  applied(): void {
    if (this.#recent.length === 0) return;
    // What has been dropped by now is let go with its change.
    if (this.#marks.size > 0) for (const mark of this.#recent) mark.release();
    this.#recent = [];
  }

  /** The change because of which an entry is to be dropped, if it is. */
  markOf(entry: E): Mark | null {
    if (this.#marks.size === 0) return null;
    for (const bucket of placesOf(entry)) {
      const placement = bucket.placement(entry) ?? Number.POSITIVE_INFINITY;
      for (const group of bucket.rows ? [bucket, bucket.rows] : [bucket]) {
        const mark = this.#marks.get(group);
        if (mark && placement <= mark.upTo) return mark;
      }
    }
    return null;
  }

  /** The group is empty, and will not be met again. */
  forget(group: Group<E>): void {
    this.#marks.delete(group);
  }

  clear(): void {
    this.#marks.clear();
    this.#recent = [];
  }
}
