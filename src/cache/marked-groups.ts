import type { Group } from './groups.js';
import type { Mark } from './mark.js';

/** Groups, each with its mark. Most often that is one, and not for long, which needs no Map of its own. */
export class MarkedGroups<E> {
  #only: Group<E> | null = null;
  #onlyMark: Mark | null = null;
  /** In use where there is more than one. */
  readonly #several = new Map<Group<E>, Mark>();

  get isEmpty(): boolean {
    return this.#only === null && this.#several.size === 0;
  }

  get(group: Group<E>): Mark | null {
    return this.#only === group ? this.#onlyMark : (this.#several.get(group) ?? null);
  }

  /** Its latest mark counts. */
  set(group: Group<E>, mark: Mark): void {
    if (this.#several.size === 0 && (this.#only === null || this.#only === group)) {
      this.#only = group;
      this.#onlyMark = mark;
      return;
    }
    if (this.#only !== null && this.#onlyMark !== null) this.#several.set(this.#only, this.#onlyMark);
    this.#only = null;
    this.#several.set(group, mark);
  }

  delete(group: Group<E>): void {
    if (this.#only === group) this.clear();
    else if (this.#several.size > 0) this.#several.delete(group);
  }

  /** Removes all, and hands them over in the order in which they came. */
  take(each: (group: Group<E>, mark: Mark) => void): void {
    const [only, onlyMark] = [this.#only, this.#onlyMark];
    if (only !== null && onlyMark !== null) {
      this.clear();
      each(only, onlyMark);
      return;
    }
    for (const [group, mark] of this.#several) {
      each(group, mark);
      // One by one, since Map.clear() makes a new table.
      this.#several.delete(group);
    }
  }

  clear(): void {
    this.#only = null;
    this.#onlyMark = null;
    if (this.#several.size > 0) this.#several.clear();
  }
}
