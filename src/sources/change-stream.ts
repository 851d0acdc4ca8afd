import type { ChangeEvent } from '../changes/change-event.js';
import { type Occasion, RowChange } from '../changes/row-change.js';
import { operationKey, WHOLE_TABLE } from '../changes/whole-table.js';
import type { WatchedTable } from './watched-tables.js';

export interface ChangeStreamOptions {
  /** What was waiting has become changes of whole tables. */
  readonly onCollapse: () => void;
  /** The reader wants no more. */
  readonly onEnd: () => void;
}

interface WaitingChange {
  readonly change: ChangeEvent;
  readonly bytes: number;
}

/** A few changes can be long ones. */
const MAX_BYTES = 32 * 2 ** 20;

/**
 * One reader's own queue of changes, bounded: past `limit`, or `MAX_BYTES`, what is waiting collapses into one change of
 * the whole table for each table and operation, so a slow reader is told less precisely, and never less.
 */
export class ChangeStream implements AsyncIterator<ChangeEvent, undefined> {
  readonly #limit: number;
  readonly #options: ChangeStreamOptions;
  #waiting: WaitingChange[] = [];
  #bytes = 0;
  #collapsed = new Map<string, ChangeEvent>();
  #readers: ((result: IteratorResult<ChangeEvent, undefined>) => void)[] = [];
  #ended = false;

  constructor(limit: number, options: ChangeStreamOptions) {
    this.#limit = limit;
    this.#options = options;
  }

  /** @param bytes what it holds, about */
  push(change: ChangeEvent, bytes: number): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) return reader({ done: false, value: change });
    if (this.#collapsed.size > 0) return this.#collapse(change);
    this.#waiting.push({ change, bytes });
    this.#bytes += bytes;
    if (this.#waiting.length <= this.#limit && this.#bytes <= MAX_BYTES) return;
    this.#options.onCollapse();
    for (const waiting of this.#waiting) this.#collapse(waiting.change);
    this.#forget();
  }

  /** After a gap: every watched table may have changed, in any row. */
  pushGap(tables: Iterable<WatchedTable>, occasion: Occasion): void {
    for (const relation of tables) {
      this.push(new RowChange({ ...WHOLE_TABLE, operation: 'update', relation }, occasion), 0);
    }
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<ChangeEvent, undefined>> {
    const change = this.#takeWaiting() ?? this.#takeCollapsed();
    if (change) return Promise.resolve({ done: false, value: change });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<ChangeEvent, undefined>> {
    this.#forget();
    this.#collapsed.clear();
    this.end();
    this.#options.onEnd();
    return Promise.resolve({ done: true, value: undefined });
  }

  #forget(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  #takeWaiting(): ChangeEvent | undefined {
    const waiting = this.#waiting.shift();
    this.#bytes -= waiting?.bytes ?? 0;
    return waiting?.change;
  }

  #collapse(change: ChangeEvent): void {
    const relation = { schema: change.schema, table: change.table, key: [], columns: [] };
    this.#collapsed.set(
      operationKey(change, change.operation),
      new RowChange({ ...WHOLE_TABLE, operation: change.operation, relation }, occasionOf(change)),
    );
  }

  #takeCollapsed(): ChangeEvent | undefined {
    for (const [key, change] of this.#collapsed) {
      this.#collapsed.delete(key);
      return change;
    }
    return undefined;
  }
}

/** Without the change itself, which would keep its row and its whole transaction. */
function occasionOf({ transaction, sentAt, receivedAt, origin }: ChangeEvent): Occasion {
  const { xid, commitLsn, committedAt } = transaction;
  return { transaction: { xid, commitLsn, committedAt }, sentAt, receivedAt, origin };
}
