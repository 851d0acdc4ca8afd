import type { WatchedTable } from '../watched-tables.js';
import { type Layout, layoutOf } from './layout.js';
import type { RelationMessage } from './messages.js';

/** How the stream's relations map to watched tables; partitions to their roots. */
export class Relations {
  readonly #messages = new Map<number, RelationMessage>();
  readonly #layouts = new Map<number, Layout | null>();
  #tables: ReadonlyMap<number, WatchedTable>;

  /** @param tables the watched table of each relation of its tree, by the relation's oid */
  constructor(tables: ReadonlyMap<number, WatchedTable>) {
    this.#tables = tables;
  }

  /** The catalog was read anew. */
  replace(tables: ReadonlyMap<number, WatchedTable>): void {
    this.#tables = tables;
    this.#layouts.clear();
  }

  /** The stream has described a relation, for the first time or after it was altered. */
  describe(message: RelationMessage): void {
    this.#messages.set(message.oid, message);
    this.#layouts.delete(message.oid);
  }

  table(oid: number): WatchedTable | undefined {
    return this.#tables.get(oid);
  }

  /** `null` for a relation that is not watched, as far as is known. */
  layout(oid: number): Layout | null {
    const known = this.#layouts.get(oid);
    if (known !== undefined) return known;
    const message = this.#messages.get(oid);
    const table = this.#tables.get(oid);
    const layout = message && table ? layoutOf(message, table) : null;
    this.#layouts.set(oid, layout);
    return layout;
  }
}
