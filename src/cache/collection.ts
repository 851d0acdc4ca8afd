import type { ChangeEvent } from '../changes/change-event.js';
import type { Collection } from '../strategies/strategy.js';
import type { DependencyIndex, Placed } from './dependency-index.js';
import type { Group } from './groups.js';
import { Mark } from './mark.js';

export type Marks<E> = ReadonlyMap<Group<E>, Mark>;

/** Groups of entries, as they stood when a change concerned them: to add a group costs the same however large. */
export class EntryCollection<E extends Placed<E>> implements Collection {
  readonly #index: DependencyIndex<E>;
  readonly #onDrop: (marks: Marks<E>) => void;
  #marks = new Map<Group<E>, Mark>();
  /** Those of the transaction that is being applied. */
  #recent: Mark[] = [];

  constructor(index: DependencyIndex<E>, onDrop: (marks: Marks<E>) => void) {
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
    const marks = this.#marks;
    this.#marks = new Map();
    this.#recent = [];
    this.#onDrop(marks);
  }

  /** The transaction was applied: what is still collected may be kept for long. */
  applied(): void {
    for (const mark of this.#recent) mark.release();
    this.#recent = [];
  }

  /** The change because of which an entry is to be dropped, if it is. */
  markOf(entry: E): Mark | null {
    for (const bucket of entry.places) {
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
