import type { ChangeEvent } from '../changes/change-event.js';
import { tableKey } from '../changes/whole-table.js';
import { Bucket, type Group, Rows } from './groups.js';
import type { Resolved } from './resolve-dependencies.js';
import { rowText, touchedRows } from './touched-rows.js';

/** What stands in the index: it is told where. */
export interface Placed<E> {
  readonly places: Bucket<E>[];
}

interface TableIndex<E> {
  whole: Bucket<E> | null;
  readonly byColumns: Map<string, Rows<E>>;
}

/**
 * Which entries a change concerns: table → columns → texts → entries, so that the change of a row costs what
 * it concerns, whatever else is stored. Holds nothing for entries that are gone.
 */
export class DependencyIndex<E extends Placed<E>> {
  readonly #tables = new Map<string, TableIndex<E>>();
  readonly #everything: Bucket<E>;
  readonly #onForgotten: (group: Group<E>) => void;
  #latest = 0;

  /** @param onForgotten is told of a group that is empty and will not be met again */
  constructor(onForgotten: (group: Group<E>) => void) {
    this.#onForgotten = onForgotten;
    this.#everything = new Bucket(null, null, onForgotten);
  }

  /** The last placement given. */
  get latest(): number {
    return this.#latest;
  }

  /** How many tables and rows something depends on: none when nothing is stored. */
  get size(): number {
    let size = this.#everything.size > 0 ? 1 : 0;
    for (const { whole, byColumns } of this.#tables.values()) {
      if (whole) size++;
      for (const { byText } of byColumns.values()) size += byText.size;
    }
    return size;
  }

  /** @param dependencies `null`: every watched table */
  add(entry: E, dependencies: readonly Resolved[] | null): void {
    if (dependencies === null) this.#place(entry, this.#everything);
    else for (const dependency of dependencies) this.#place(entry, this.#bucket(dependency));
  }

  delete(entry: E): void {
    for (const bucket of entry.places) bucket.delete(entry);
    entry.places.length = 0;
  }

  /** The groups that a change concerns, none of them empty. */
  concerned(change: ChangeEvent): Group<E>[] {
    const groups: Group<E>[] = this.#everything.size > 0 ? [this.#everything] : [];
    const table = this.#tables.get(tableKey(change));
    if (!table) return groups;
    if (table.whole) groups.push(table.whole);
    for (const rows of table.byColumns.values()) {
      const touched = touchedRows(rows.columns, change);
      if (touched === null) groups.push(rows);
      for (const text of touched ?? []) {
        const bucket = rows.byText.get(text);
        if (bucket) groups.push(bucket);
      }
    }
    return groups;
  }

  #place(entry: E, bucket: Bucket<E>): void {
    if (bucket.add(entry, ++this.#latest)) entry.places.push(bucket);
  }

  #bucket(dependency: Resolved): Bucket<E> {
    const name = tableKey(dependency.table);
    let index = this.#tables.get(name);
    if (!index) {
      index = { whole: null, byColumns: new Map() };
      this.#tables.set(name, index);
    }
    return dependency.row === null
      ? this.#whole(name, index, dependency)
      : this.#row(name, index, dependency, dependency.row);
  }

  #whole(name: string, index: TableIndex<E>, on: Resolved): Bucket<E> {
    index.whole ??= new Bucket(on, null, (bucket) => {
      index.whole = null;
      this.#forgotten(name, index, bucket);
    });
    return index.whole;
  }

  #row(name: string, index: TableIndex<E>, on: Resolved, row: NonNullable<Resolved['row']>): Bucket<E> {
    const shape = row.columns.join('\0'); // no name holds a zero byte
    const rows = index.byColumns.get(shape) ?? new Rows<E>(row.columns);
    index.byColumns.set(shape, rows);
    const text = rowText(row.texts);
    const there = rows.byText.get(text);
    if (there) return there;
    const made = new Bucket<E>(on, rows, (bucket) => {
      rows.byText.delete(text);
      if (rows.byText.size === 0) {
        index.byColumns.delete(shape);
        this.#onForgotten(rows);
      }
      this.#forgotten(name, index, bucket);
    });
    rows.byText.set(text, made);
    return made;
  }

  #forgotten(name: string, index: TableIndex<E>, bucket: Bucket<E>): void {
    if (index.whole === null && index.byColumns.size === 0) this.#tables.delete(name);
    this.#onForgotten(bucket);
  }
}
