import type { ChangeEvent } from '../changes/change-event.js';
import { type Occasion, RowChange } from '../changes/row-change.js';
import { tableKey, WHOLE_TABLE } from '../changes/whole-table.js';
import type { WatchedTable } from './watched-tables.js';

export interface ChangeStreamOptions {
  /** What was waiting has become changes of whole tables. */
  readonly onCollapse: () => void;
  /** The reader wants no more. */
  readonly onEnd: () => void;
}

/**
 * One reader's own queue of changes, bounded: past `limit` what is waiting collapses into one change of
 * the whole table for each table concerned, so a slow reader is told less precisely, and never less.
 */
export class ChangeStream implements AsyncIterator<ChangeEvent, undefined> {
  readonly #limit: number;
  readonly #options: ChangeStreamOptions;
  #waiting: ChangeEvent[] = [];
  #collapsed = new Map<string, ChangeEvent>();
  #readers: ((result: IteratorResult<ChangeEvent, undefined>) => void)[] = [];
  #ended = false;

  constructor(limit: number, options: ChangeStreamOptions) {
    this.#limit = limit;
    this.#options = options;
  }

  push(change: ChangeEvent): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) return reader({ done: false, value: change });
    if (this.#collapsed.size > 0) return this.#collapse(change);
    this.#waiting.push(change);
    if (this.#waiting.length <= this.#limit) return;
    this.#options.onCollapse();
    for (const waiting of this.#waiting) this.#collapse(waiting);
    this.#waiting = [];
  }

  /** After a gap: every watched table may have changed, in any row. */
  pushGap(tables: Iterable<WatchedTable>, occasion: Occasion): void {
    for (const relation of tables) {
      this.push(new RowChange({ ...WHOLE_TABLE, operation: 'update', relation }, occasion));
    }
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<ChangeEvent, undefined>> {
    const change = this.#waiting.shift() ?? this.#takeCollapsed();
    if (change) return Promise.resolve({ done: false, value: change });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<ChangeEvent, undefined>> {
    this.#waiting = [];
    this.#collapsed.clear();
    this.end();
    this.#options.onEnd();
    return Promise.resolve({ done: true, value: undefined });
  }

  #collapse(change: ChangeEvent): void {
    const relation = { schema: change.schema, table: change.table, key: [], columns: [] };
    this.#collapsed.set(
      tableKey(change),
      new RowChange({ ...WHOLE_TABLE, operation: change.operation, relation }, change),
    );
  }

  #takeCollapsed(): ChangeEvent | undefined {
    for (const [table, change] of this.#collapsed) {
      this.#collapsed.delete(table);
      return change;
    }
    return undefined;
  }
}
