/** A column, and how its text becomes a value. */
export interface Column {
  readonly name: string;
  /** The oid of its type in `pg_type`. */
  readonly typeOid: number;
  /** Turns Postgres's text into what `pg` would return for the column. */
  readonly parse: (text: string) => unknown;
}

/** A table as a source knows it while decoding: names as in the catalog, unquoted. */
export interface Relation {
  readonly schema: string;
  readonly table: string;
  /** The columns that identify a row: its replica identity, which is by default the primary key. */
  readonly key: readonly Column[];
  /** The columns of the row images, in their order. */
  readonly columns: readonly Column[];
}
