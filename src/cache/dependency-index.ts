import type { ChangeEvent } from '../changes/change-event.js';
import { tableKey } from '../changes/whole-table.js';
import type { Resolved, RowKey } from './resolve-dependencies.js';

/** Entries that depend on the same thing. Goes from its owner when the last of them does. */
class Bucket<E> {
  readonly entries = new Set<E>();
  readonly #forget: () => void;

  constructor(forget: () => void) {
    this.#forget = forget;
  }

  delete(entry: E): void {
    this.entries.delete(entry);
    if (this.entries.size === 0) this.#forget();
  }
}

/** The entries that depend on rows of one table by the same columns, by the texts of those. */
interface RowIndex<E> {
  readonly columns: readonly string[];
  readonly rows: Map<string, Bucket<E>>;
}

interface TableIndex<E> {
  readonly whole: Set<E>;
  readonly byColumns: Map<string, RowIndex<E>>;
}

type Texts = Readonly<Record<string, string>>;

/**
 * Which entries a change concerns: table → key → entries, so that the change of a row costs what it
 * concerns, whatever else is stored. Holds nothing for entries that are gone.
 */
export class DependencyIndex<E extends object> {
  readonly #tables = new Map<string, TableIndex<E>>();
  readonly #everything = new Set<E>();
  readonly #places = new Map<E, { delete(entry: E): void }[]>();

  /** How many entries are in the index. */
  get size(): number {
    return this.#places.size;
  }

  /** @param dependencies `null`: every watched table */
  add(entry: E, dependencies: readonly Resolved[] | null): void {
    const places = dependencies?.map((dependency) => this.#place(entry, dependency));
    if (places === undefined) this.#everything.add(entry);
    this.#places.set(entry, places ?? [this.#everything]);
  }

  delete(entry: E): void {
    for (const place of this.#places.get(entry) ?? []) place.delete(entry);
    this.#places.delete(entry);
  }

  /** The entries that a change concerns; one may be named more than once. */
  *concerned(change: ChangeEvent): Generator<E, undefined> {
    yield* this.#everything;
    const table = this.#tables.get(tableKey(change));
    if (!table) return;
    yield* table.whole;
    const { keyText, previousKeyText } = change;
    for (const index of table.byColumns.values()) {
      const key = rowText(index.columns, keyText);
      if (key === null) {
        // The change does not tell which row: it may be any.
        for (const bucket of index.rows.values()) yield* bucket.entries;
        continue;
      }
      yield* index.rows.get(key)?.entries ?? [];
      const previous = rowText(index.columns, previousKeyText);
      if (previous !== null) yield* index.rows.get(previous)?.entries ?? [];
    }
  }

  #place(entry: E, { table, row }: Resolved): { delete(entry: E): void } {
    const key = tableKey(table);
    let index = this.#tables.get(key);
    if (!index) {
      index = { whole: new Set(), byColumns: new Map() };
      this.#tables.set(key, index);
    }
    if (row) return placeRow(index, entry, row);
    index.whole.add(entry);
    return index.whole;
  }
}

function placeRow<E>(table: TableIndex<E>, entry: E, { columns, texts }: RowKey): Bucket<E> {
  const shape = JSON.stringify(columns);
  let index = table.byColumns.get(shape);
  if (!index) {
    index = { columns, rows: new Map() };
    table.byColumns.set(shape, index);
  }
  const { rows } = index;
  const key = joined(texts);
  let bucket = rows.get(key);
  if (!bucket) {
    bucket = new Bucket(() => rows.delete(key));
    rows.set(key, bucket);
  }
  bucket.entries.add(entry);
  return bucket;
}

/** `null` where a column of the row is not told. */
function rowText(columns: readonly string[], texts: Texts | null): string | null {
  if (texts === null) return null;
  const parts: string[] = [];
  for (const column of columns) {
    const text = texts[column];
    if (text === undefined) return null;
    parts.push(text);
  }
  return joined(parts);
}

/** One text stands for itself; of several, none can be mistaken for another division of the same letters. */
function joined(texts: readonly string[]): string {
  const [first] = texts;
  return texts.length === 1 && first !== undefined ? first : JSON.stringify(texts);
}
