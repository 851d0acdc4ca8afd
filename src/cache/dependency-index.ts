import type { ChangeEvent } from '../changes/change-event.js';
import { Bucket, type Group, Rows, type TableIndex } from './groups.js';
import type { Resolved, RowKey } from './resolve-dependencies.js';
import { rowText, touchedRows } from './touched-rows.js';

/** What stands in the index: it is told where. Most often that is one place, which needs no list. */
export interface Placed<E> {
  places: Bucket<E> | Bucket<E>[] | null;
}

/** The places of an entry as a list. */
export function placesOf<E>({ places }: Placed<E>): readonly Bucket<E>[] {
  return places === null ? [] : places instanceof Bucket ? [places] : places;
}

/**
 * Which entries a change concerns: table → columns → texts → entries, so that the change of a row costs what
 * it concerns, whatever else is stored. Holds nothing for entries that are gone.
 */
export class DependencyIndex<E extends Placed<E>> {
  readonly #schemas = new Map<string, Map<string, TableIndex<E>>>();
  readonly #everything = new Bucket<E>(null, null, null);
  readonly #onForgotten: (group: Group<E>) => void;
  #latest = 0;

  /** @param onForgotten is told of a group that is empty and will not be met again */
  constructor(onForgotten: (group: Group<E>) => void) {
    this.#onForgotten = onForgotten;
  }

  /** The last placement given. */
  get latest(): number {
    return this.#latest;
  }

  /** How many tables and rows something depends on: none when nothing is stored. */
  get size(): number {
    let size = this.#everything.size > 0 ? 1 : 0;
    for (const tables of this.#schemas.values()) {
      for (const { whole, byColumns } of tables.values()) {
        if (whole) size++;
        for (const { byText } of byColumns.values()) size += byText.size;
      }
    }
    return size;
  }

  /** @param dependencies `null`: every watched table */
  add(entry: E, dependencies: readonly Resolved[] | null): void {
    if (dependencies === null) this.#place(entry, this.#everything);
    else for (const dependency of dependencies) this.#place(entry, this.#bucket(dependency));
  }

  delete(entry: E): void {
    const { places } = entry;
    entry.places = null;
    if (places === null) return;
    if (places instanceof Bucket) this.#leave(entry, places);
    else for (const bucket of places) this.#leave(entry, bucket);
  }

  /** The groups that a change concerns, none of them empty. */
  concerned(change: ChangeEvent): Group<E>[] {
    const groups: Group<E>[] = [];
    if (this.#everything.size > 0) groups.push(this.#everything);
    const table = this.#schemas.get(change.schema)?.get(change.table);
    if (!table) return groups;
    if (table.whole) groups.push(table.whole);
    for (const rows of table.byColumns.values()) {
      const touched = touchedRows(rows.columns, change);
      if (touched === null) {
        groups.push(rows);
        continue;
      }
      for (const text of touched) {
        const bucket = rows.byText.get(text);
        if (bucket) groups.push(bucket);
      }
    }
    return groups;
  }

  #place(entry: E, bucket: Bucket<E>): void {
    if (!bucket.add(entry, ++this.#latest)) return;
    const { places } = entry;
    if (places === null) entry.places = bucket;
    else if (places instanceof Bucket) entry.places = [places, bucket];
    else places.push(bucket);
  }

  #leave(entry: E, bucket: Bucket<E>): void {
    bucket.delete(entry);
    if (bucket.size > 0) return;
    this.#onForgotten(bucket);
    const { table, rows, text } = bucket;
    if (table === null) return;
    if (rows === null) {
      table.whole = null;
    } else {
      rows.byText.delete(text);
      if (rows.byText.size > 0) return;
      table.byColumns.delete(rows.shape);
      this.#onForgotten(rows);
    }
    if (table.whole === null && table.byColumns.size === 0) this.#forgetTable(table);
  }

  #forgetTable({ schema, table }: TableIndex<E>): void {
    const tables = this.#schemas.get(schema);
    tables?.delete(table);
    if (tables?.size === 0) this.#schemas.delete(schema);
  }

  #bucket({ table, row }: Resolved): Bucket<E> {
    const index = this.#table(table.schema, table.table);
    if (row !== null) return rowBucket(index, row);
    index.whole ??= new Bucket(index, null, null);
    return index.whole;
  }

  #table(schema: string, table: string): TableIndex<E> {
    let tables = this.#schemas.get(schema);
    if (!tables) {
      tables = new Map();
      this.#schemas.set(schema, tables);
    }
    let index = tables.get(table);
    if (!index) {
      index = { schema, table, whole: null, byColumns: new Map() };
      tables.set(table, index);
    }
    return index;
  }
}

function rowBucket<E>(table: TableIndex<E>, { columns, texts }: RowKey): Bucket<E> {
  const [only = ''] = columns;
  const shape = columns.length === 1 ? only : columns.join('\0'); // no name holds a zero byte
  let rows = table.byColumns.get(shape);
  if (!rows) {
    rows = new Rows(columns, shape);
    table.byColumns.set(shape, rows);
  }
  const text = rowText(texts);
  let bucket = rows.byText.get(text);
  if (!bucket) {
    bucket = new Bucket(table, rows, text);
    rows.byText.set(text, bucket);
  }
  return bucket;
}
