import type { ChangeEvent } from '../changes/change-event.js';
import { tableKey } from '../changes/whole-table.js';
import type { Resolved } from './resolve-dependencies.js';
import { rowText, touchedRows } from './touched-rows.js';

/** How many changes are kept. Who would need more is told that it has been overtaken. */
const LIMIT = 1000;

/**
 * The changes since the oldest load began of those that tell their dependencies as they go: so that what is
 * told late can be held against what has happened meanwhile. Kept only while there is such a load.
 */
export class RecentChanges {
  #changes: ChangeEvent[] = [];
  #before = 0;
  #readers = 0;

  /** How many changes there have been, up to now. */
  get count(): number {
    return this.#before + this.#changes.length;
  }

  /** Begins to keep them. Returns the count from which on. */
  open(): number {
    this.#readers++;
    return this.count;
  }

  close(): void {
    if (--this.#readers === 0) this.#forget(this.#changes.length);
  }

  add(changes: Iterable<ChangeEvent>): void {
    if (this.#readers === 0) return;
    for (const change of changes) this.#changes.push(change);
    if (this.#changes.length > LIMIT) this.#forget(this.#changes.length - LIMIT / 2);
  }

  /**
   * The first change from a count on that concerns what is depended on.
   *
   * @returns its count, and the change if it is still known; `null` where there was none
   */
  firstOf(from: number, dependency: Resolved | null): { at: number; change: ChangeEvent | null } | null {
    if (from < this.#before) return { at: from, change: null };
    for (let at = from; at < this.count; at++) {
      const change = this.#changes[at - this.#before];
      if (change && concerns(change, dependency)) return { at, change };
    }
    return null;
  }

  #forget(count: number): void {
    this.#changes.splice(0, count);
    this.#before += count;
  }
}

function concerns(change: ChangeEvent, dependency: Resolved | null): boolean {
  if (dependency === null) return true;
  const { table, row } = dependency;
  if (tableKey(table) !== tableKey(change)) return false;
  if (row === null) return true;
  return touchedRows(row.columns, change)?.includes(rowText(row.texts)) ?? true;
}
