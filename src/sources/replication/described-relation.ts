import type { CustomTypesConfig } from 'pg';
import type { WatchedTable } from '../watched-tables.js';
import { type Layout, layoutOf } from './layout.js';
import type { RelationMessage } from './messages.js';
import type { TextEncoding } from './tuple.js';

/**
 * A watched relation as the stream described it once. Rows are kept with their description, and read by it:
 * when they are looked at, the relation may have been altered, and described, again.
 */
export class DescribedRelation {
  readonly message: RelationMessage;
  /** That of the stream. */
  readonly encoding: TextEncoding;
  readonly #types: CustomTypesConfig;
  #layout: Layout;

  constructor(
    message: RelationMessage,
    table: WatchedTable,
    types: CustomTypesConfig,
    encoding: TextEncoding,
  ) {
    this.message = message;
    this.encoding = encoding;
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
