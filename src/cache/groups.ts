import type { Resolved } from './resolve-dependencies.js';
import type { RowText } from './touched-rows.js';

/** Entries that a change concerns together. Each has a placement: a number that grows with every one placed. */
export interface Group<E> {
  /** Those placed up to then, which are not later than what the change told. */
  upTo(placement: number): Iterable<E>;
}

/** The entries that depend on the same thing. Is forgotten by its owner when the last of them goes. */
export class Bucket<E> implements Group<E> {
  /** What they depend on; `null`: every watched table. */
  readonly on: Resolved | null;
  /** The rows that this one is among; a change that may be of any of them concerns it as well. */
  readonly rows: Rows<E> | null;
  readonly #placements = new Map<E, number>();
  readonly #forget: () => void;

  constructor(on: Resolved | null, rows: Rows<E> | null, forget: (bucket: Bucket<E>) => void) {
    this.on = on;
    this.rows = rows;
    this.#forget = () => forget(this);
  }

  get size(): number {
    return this.#placements.size;
  }

  /** Returns whether it was not there. */
  add(entry: E, placement: number): boolean {
    // Told twice, it stands where it stood: the placements stay in order.
    if (this.#placements.has(entry)) return false;
    this.#placements.set(entry, placement);
    return true;
  }

  delete(entry: E): void {
    if (this.#placements.delete(entry) && this.#placements.size === 0) this.#forget();
  }

  placement(entry: E): number | undefined {
    return this.#placements.get(entry);
  }

  *upTo(limit: number): Generator<E, undefined> {
    for (const [entry, placement] of this.#placements) {
      if (placement > limit) return;
      yield entry;
    }
  }
}

/** The entries that depend on rows of one table by the same columns, by the texts of those. */
export class Rows<E> implements Group<E> {
  readonly columns: readonly string[];
  readonly byText = new Map<RowText, Bucket<E>>();

  constructor(columns: readonly string[]) {
    this.columns = columns;
  }

  *upTo(limit: number): Generator<E, undefined> {
    for (const bucket of this.byText.values()) yield* bucket.upTo(limit);
  }
}
