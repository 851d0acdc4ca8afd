import type { ChangeEvent } from '../changes/change-event.js';
import type { Collection } from '../strategies/strategy.js';
import { type DependencyIndex, type Placed, placesOf } from './dependency-index.js';
import type { Group } from './groups.js';
import { Mark } from './mark.js';
import { MarkedGroups } from './marked-groups.js';

/** Groups of entries, as they stood when a change concerned them: to add a group costs the same however large. */
export class EntryCollection<E extends Placed<E>> implements Collection {
  readonly #index: DependencyIndex<E>;
  readonly #onDrop: (group: Group<E>, mark: Mark) => void;
  readonly #marks = new MarkedGroups<E>();
  /** Those of the transaction that is being applied. */
  #recent: Mark[] | null = null;

  /** @param onDrop is told of each group that is to be dropped */
  constructor(index: DependencyIndex<E>, onDrop: (group: Group<E>, mark: Mark) => void) {
    this.#index = index;
    this.#onDrop = onDrop;
  }

  add(change: ChangeEvent): boolean {
    const groups = this.#index.concerned(change);
    if (groups.length === 0) return false;
    const mark = new Mark(this.#index.latest, change);
    if (this.#recent === null) this.#recent = [mark];
    else this.#recent.push(mark);
    for (const group of groups) this.#marks.set(group, mark);
    return true;
  }

  drop(): void {
    this.#marks.take(this.#onDrop);
    this.#recent = null;
  }

  /** The transaction was applied: what is still collected may be kept for long. */
  applied(): void {
    if (this.#recent === null) return;
    // What has been dropped by now is let go with its change.
    if (!this.#marks.isEmpty) for (const mark of this.#recent) mark.release();
    this.#recent = null;
  }

  /** The change because of which an entry is to be dropped, if it is. */
  markOf(entry: E): Mark | null {
    if (this.#marks.isEmpty) return null;
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
    this.#recent = null;
  }
}
