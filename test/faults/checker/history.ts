import type { RowWrite, SeenRow, Write } from './record.js';

/** One state of a row, which lasts until the next. */
export interface RowState extends RowWrite {
  readonly write: Write;
}

/** What of a row a place shows. */
export interface RowScope {
  readonly row: string;
  /** Only while the row is of this group. */
  readonly group?: number;
}

const NEVER = Number.NEGATIVE_INFINITY;
/** Before anything was written, there is no row. */
const BEFORE: Write = { n: 0, begun: NEVER, sent: NEVER, known: NEVER, rows: [] };

/** What the writers have made of each row, by what they have recorded. */
export class History {
  readonly #states = new Map<string, RowState[]>();
  readonly #writes = new Map<number, Write>();

  constructor(writes: readonly Write[] = []) {
    for (const write of writes) this.add(write);
  }

  /** A row's writes have to come in their order; those of different rows need not. */
  add(write: Write): void {
    this.#writes.set(write.n, write);
    for (const each of write.rows) this.#of(each.row).push({ ...each, write });
  }

  get(n: number): Write | undefined {
    return this.#writes.get(n);
  }

  get writes(): Iterable<Write> {
    return this.#writes.values();
  }

  /** The states of a row, oldest first; the first is that there is none. */
  of(row: string): readonly RowState[] {
    return this.#of(row);
  }

  /** The place of the last state that is what was seen, among those that can have been seen by then; -1: none. */
  lastSeenAs(scope: RowScope, version: number, by: number): number {
    const states = this.#of(scope.row);
    for (let i = states.length - 1; i >= 0; i--) {
      const state = states[i];
      if (state && state.write.sent <= by && showsAs(state, scope) === version) return i;
    }
    return -1;
  }

  /** The place of the first state from a place on that is what was seen; -1: none. */
  firstSeenAs(scope: RowScope, version: number, from: number): number {
    const states = this.#of(scope.row);
    for (let i = from; i < states.length; i++) {
      const state = states[i];
      if (state && showsAs(state, scope) === version) return i;
    }
    return -1;
  }

  /** What a place shows at the end. */
  atEnd(scope: RowScope): SeenRow {
    const state = this.#of(scope.row).at(-1);
    return [scope.row, state ? showsAs(state, scope) : 0];
  }

  #of(row: string): RowState[] {
    let states = this.#states.get(row);
    if (states === undefined) {
      states = [{ row, operation: 'delete', there: false, write: BEFORE }];
      this.#states.set(row, states);
    }
    return states;
  }
}

function showsAs(state: RowState, { group }: RowScope): number {
  return state.there && (group === undefined || state.group === group) ? state.write.n : 0;
}
