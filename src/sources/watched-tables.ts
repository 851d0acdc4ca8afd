import type { Column, Relation } from '../changes/relation.js';
import { parseTableName } from './table-name.js';

/**
 * How the equality of a column's values can be told from their text alone: where two values that
 * Postgres holds equal always have the same text. `null` where it cannot (`1.0` equals `1.00`).
 */
export type ExactType = 'integer' | 'oid' | 'text' | 'uuid' | 'boolean';

export interface WatchedColumn extends Column {
  readonly exactType: ExactType | null;
  /** The type that the column was declared with, which the stream names: for a domain, not the type beneath it. */
  readonly declaredTypeOid: number;
  /** Whether its value is computed from the row's other columns, and if so, whether it is stored. */
  readonly generated: 'stored' | 'virtual' | null;
}

/** A table that the source reports the changes of. */
export interface WatchedTable extends Relation {
  /** Whether its bare name, without the schema, means this table on the source's search path. */
  readonly visible: boolean;
  readonly key: readonly WatchedColumn[];
  readonly columns: readonly WatchedColumn[];
  /**
   * The columns whose values every change carries, before it and after it: the key, or all columns where whole rows
   * are sent. Virtual generated columns are in no change, nor is what the publication leaves out. What else a row
   * dependency names is left out of account.
   */
  readonly matchable: readonly WatchedColumn[];
}

/** The tables that a source watches, at one moment. */
export class WatchedTables implements Iterable<WatchedTable> {
  static readonly none = new WatchedTables([]);

  /** Quoted names of tables that the source has watched before, that are there, and that it watches no more. */
  readonly lost: readonly string[];
  /**
   * Those that open transactions had written to before they were watched, perhaps. Their changes are reported, but for
   * what these transactions did until then: values are loaded every time until they have ended.
   */
  readonly unsettled: ReadonlySet<WatchedTable>;
  readonly #bySchema = new Map<string, Map<string, WatchedTable>>();
  /** Those that a bare name means. */
  readonly #visible = new Map<string, WatchedTable>();
  readonly #tables: readonly WatchedTable[];

  constructor(
    tables: readonly WatchedTable[],
    lost: readonly string[] = [],
    unsettled: Iterable<WatchedTable> = [],
  ) {
    this.#tables = tables;
    this.lost = lost;
    this.unsettled = new Set(unsettled);
    for (const table of tables) {
      const inSchema = this.#bySchema.get(table.schema);
      if (inSchema) inSchema.set(table.table, table);
      else this.#bySchema.set(table.schema, new Map([[table.table, table]]));
      if (table.visible && !this.#visible.has(table.table)) this.#visible.set(table.table, table);
    }
  }

  get size(): number {
    return this.#tables.length;
  }

  [Symbol.iterator](): Iterator<WatchedTable> {
    return this.#tables[Symbol.iterator]();
  }

  /** By its names in the catalog. */
  get(schema: string, table: string): WatchedTable | undefined {
    return this.#bySchema.get(schema)?.get(table);
  }

  /**
   * By a name as SQL reads it. A bare name finds a table only where the search path leads to it: if
   * another table of that name comes first, that one is meant, and it is not watched.
   *
   * @throws PgCacheWatchError `BAD_TABLE_NAME`
   */
  find(name: string): WatchedTable | undefined {
    const { schema, table } = parseTableName(name);
    if (schema !== null) return this.get(schema, table);
    return this.#visible.get(table);
  }

  /** Whether a name, as SQL reads it, may mean a table that is watched no more. */
  isLost(name: string): boolean {
    const { schema, table } = parseTableName(name);
    return this.lost
      .map(parseTableName)
      .some((each) => each.table === table && (schema === null || each.schema === schema));
  }
}
