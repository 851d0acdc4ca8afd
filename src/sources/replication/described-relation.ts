import type { CustomTypesConfig } from 'pg';
import type { WatchedTable } from '../watched-tables.js';
import { type Layout, layoutOf } from './layout.js';
import type { RelationMessage } from './messages.js';

/**
 * A watched relation as the stream described it once. Rows are kept with their description, and read by it:
 * when they are looked at, the relation may have been altered, and described, again.
 */
export class DescribedRelation {
  readonly message: RelationMessage;
  readonly #types: CustomTypesConfig;
  #layout: Layout;

  constructor(message: RelationMessage, table: WatchedTable, types: CustomTypesConfig) {
    this.message = message;
    this.#types = types;
    this.#layout = layoutOf(message, table, types);
  }

  get layout(): Layout {
    return this.#layout;
  }

  /** The catalog was read anew, and the description is still the last one. */
  rebase(table: WatchedTable): void {
    this.#layout = layoutOf(this.message, table, this.#types);
  }
}
