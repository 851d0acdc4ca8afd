import type { CustomTypesConfig } from 'pg';
import type { WatchedTable } from '../watched-tables.js';
import { DescribedRelation } from './described-relation.js';
import type { RelationMessage } from './messages.js';
import type { PublishedReading } from './read-published-tables.js';
import type { TextEncoding } from './tuple.js';

/** The watched table of each relation of its tree, by the relation's oid; and what that relation is called. */
type Catalog = Pick<PublishedReading, 'byMember' | 'memberNames'>;

/** Of how many relations more than the watched ones something is remembered; of the others, it is asked again. */
const MAX_OTHERS = 10_000;

/** How the stream's relations map to watched tables; partitions to their roots. */
export class Relations {
  readonly #types: CustomTypesConfig;
  readonly #described = new Map<number, DescribedRelation>();
  /** Descriptions of relations of which it is not known yet whether they are watched. */
  readonly #pending = new Map<number, RelationMessage>();
  readonly #describedAt = new Map<number, number>();
  /** Those that the catalog, read after they were described, does not count among the watched. */
  readonly #foreign = new Set<number>();
  #tables: ReadonlyMap<number, WatchedTable>;
  #names: ReadonlyMap<number, string>;
  #descriptions = 0;
  #encoding: TextEncoding = 'utf8';

  constructor({ byMember, memberNames }: Catalog, types: CustomTypesConfig) {
    this.#tables = byMember;
    this.#names = memberNames;
    this.#types = types;
  }

  /** The stream begins, in this encoding. */
  begin(encoding: TextEncoding): void {
    this.#encoding = encoding;
  }

  /** The catalog was read anew. */
  replace({ byMember: tables, memberNames }: Catalog): void {
    this.#tables = tables;
    this.#names = memberNames;
    this.#foreign.clear();
    for (const [oid, described] of this.#described) {
      const table = tables.get(oid);
      if (table) described.rebase(table);
      else this.#described.delete(oid);
    }
    for (const [oid, message] of this.#pending) {
      const table = tables.get(oid);
      if (table) this.#described.set(oid, this.#describing(message, table));
      this.#pending.delete(oid);
    }
    // Partitions come and go: of what is not watched, nothing is kept.
    for (const oid of this.#describedAt.keys()) if (!tables.has(oid)) this.#describedAt.delete(oid);
  }

  /**
   * The stream has described a relation, for the first time or after it was altered.
   *
   * @returns whether the catalog must be read again: the table is not like this there, as far as is known
   */
  describe(message: RelationMessage): boolean {
    const { oid } = message;
    const before = this.#described.get(oid);
    const table = this.#tables.get(oid);
    this.#describedAt.set(oid, ++this.#descriptions);
    this.#foreign.delete(oid);
    if (table === undefined) {
      this.#pending.set(oid, message);
      this.#bound();
      return false;
    }
    this.#described.set(oid, this.#describing(message, table));
    return (
      !this.#isKnown(message, table) ||
      (before !== undefined && JSON.stringify(before.message) !== JSON.stringify(message))
    );
  }

  #describing(message: RelationMessage, table: WatchedTable): DescribedRelation {
    return new DescribedRelation(message, table, this.#types, this.#encoding);
  }

  /** Whether it is in the catalog, as that was last read, as the stream describes it. */
  #isKnown({ oid, schema, table: name, columns }: RelationMessage, table: WatchedTable): boolean {
    if (this.#names.get(oid) !== `${schema}.${name}`) return false;
    return columns.every(({ name: column, typeOid }) =>
      table.columns.some((known) => known.name === column && known.declaredTypeOid === typeOid),
    );
  }

  /** How the relation is described now could not be read: its rows stand for the whole table from now on. */
  undescribe(oid: number | 'any'): void {
    const about = [this.#described, this.#pending, this.#describedAt, this.#foreign];
    for (const each of about) oid === 'any' ? each.clear() : each.delete(oid);
  }

  table(oid: number): WatchedTable | undefined {
    return this.#tables.get(oid);
  }

  /** How to read the rows of it; `undefined` for a relation that is not watched, or was not described since. */
  described(oid: number): DescribedRelation | undefined {
    return this.#described.get(oid);
  }

  /** Grows whenever the relation is described: what was concluded before holds no more. */
  describedAt(oid: number): number {
    return this.#describedAt.get(oid) ?? 0;
  }

  /**
   * The catalog was read after the relation was named in a transaction that had become visible, and is as it
   * was described at `describedAt`: a later transaction may have made it a partition of a watched table.
   */
  settle(oid: number, describedAt: number): void {
    if (this.#tables.has(oid) || this.describedAt(oid) !== describedAt) return;
    this.#foreign.add(oid);
    this.#pending.delete(oid);
    this.#bound();
  }

  /** Without a word of it, a relation is looked for in the catalog when it changes. */
  #bound(): void {
    for (const others of [this.#pending, this.#foreign]) if (others.size > MAX_OTHERS) others.clear();
    if (this.#describedAt.size <= MAX_OTHERS + this.#tables.size) return;
    for (const oid of this.#describedAt.keys()) if (!this.#tables.has(oid)) this.#describedAt.delete(oid);
  }

  /** Whether nobody is concerned by what is done to it. */
  isForeign(oid: number): boolean {
    return this.#foreign.has(oid);
  }
}
