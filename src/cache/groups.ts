import type { RowText } from './touched-rows.js';

/** Entries that a change concerns together. Each has a placement: a number that grows with every one placed. */
export interface Group<E> {
  /** Adds to a list those placed up to then, which are not later than what the change told. */
  collect(upTo: number, into: E[]): void;
}

/** What is depended on in one table. */
export interface TableIndex<E> {
  readonly schema: string;
  readonly table: string;
  whole: Bucket<E> | null;
  readonly byColumns: Map<string, Rows<E>>;
}

/** The entries that depend on the same thing. Most often that is one, which needs no collection of its own. */
export class Bucket<E> implements Group<E> {
  /** `null`: every watched table. */
  readonly table: TableIndex<E> | null;
  /** The rows that this one is among, by whose text; `null`: the whole table. */
  readonly rows: Rows<E> | null;
  readonly text: RowText;
  #only: E | null = null;
  #onlyPlacement = 0;
  #several: Map<E, number> | null = null;

  constructor(table: TableIndex<E> | null, rows: Rows<E> | null, text: RowText) {
    this.table = table;
    this.rows = rows;
    this.text = text;
  }

  get size(): number {
    return this.#several?.size ?? (this.#only === null ? 0 : 1);
  }

  /** Told twice, it stands where it stood: the placements stay in order. Returns whether it is new. */
  add(entry: E, placement: number): boolean {
    if (this.placement(entry) !== undefined) return false;
    if (this.#several) {
      this.#several.set(entry, placement);
    } else if (this.#only === null) {
      this.#only = entry;
      this.#onlyPlacement = placement;
    } else {
      this.#several = new Map([
        [this.#only, this.#onlyPlacement],
        [entry, placement],
      ]);
      this.#only = null;
    }
    return true;
  }

  delete(entry: E): void {
    if (this.#only === entry) this.#only = null;
    this.#several?.delete(entry);
  }

  placement(entry: E): number | undefined {
    return this.#only === entry ? this.#onlyPlacement : this.#several?.get(entry);
  }

  collect(upTo: number, into: E[]): void {
    if (this.#only !== null && this.#onlyPlacement <= upTo) into.push(this.#only);
    if (this.#several === null) return;
    for (const [entry, placement] of this.#several) {
      if (placement > upTo) return;
      into.push(entry);
    }
  }
}

/** The entries that depend on rows of one table by the same columns, by the texts of those. */
export class Rows<E> implements Group<E> {
  readonly columns: readonly string[];
  readonly shape: string;
  readonly byText = new Map<RowText, Bucket<E>>();

  constructor(columns: readonly string[], shape: string) {
    this.columns = columns;
    this.shape = shape;
  }

  collect(upTo: number, into: E[]): void {
    for (const bucket of this.byText.values()) bucket.collect(upTo, into);
  }
}
