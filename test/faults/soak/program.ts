import type { RowWrite } from '../checker/record.js';
import { type Random, randomOf } from '../random.js';
import { BULK, BULK_ROWS, CUSTOMERS, rowOf, SIZES, type VersionedTable } from './tables.js';

/** One transaction, before it is run. */
export interface Transaction {
  /** Statements, in which `$n` stands for the transaction's number. */
  readonly statements: readonly string[];
  readonly rows: readonly RowWrite[];
  readonly rollBack: boolean;
  /** How long it stays open after its statements. */
  readonly openForMs: number;
  /** How long the writer rests before it. */
  readonly pauseMs: number;
}

/** How many rows of a table there are, as far as one writer is concerned: each row has one writer. */
export type Rows = Map<string, RowWrite>;

interface Draft {
  readonly statements: string[];
  readonly rows: Map<string, RowWrite>;
}

/** What one writer does: the same for the same random numbers, as long as the same of it commits. */
export class WriterProgram {
  #random: Random;
  readonly #writer: number;
  readonly #writers: number;
  /** What its rows are. */
  readonly #rows: Rows = new Map();

  constructor(writer: number, writers: number) {
    this.#random = randomOf(writer);
    this.#writer = writer;
    this.#writers = writers;
  }

  /** Each round has its own, so that it can be seen again without those before it. */
  begin(random: Random): void {
    this.#random = random;
  }

  committed(rows: readonly RowWrite[]): void {
    for (const each of rows) this.#rows.set(each.row, each);
  }

  next(): Transaction {
    const random = this.#random;
    const draft: Draft = { statements: [], rows: new Map() };
    const parts = random.fraction() < 0.2 ? random.integer(2, 5) : 1;
    for (let i = 0; i < parts; i++) this.#step(draft);
    return {
      statements: draft.statements,
      rows: [...draft.rows.values()],
      rollBack: random.fraction() < 0.1,
      openForMs: random.fraction() < 0.05 ? random.integer(20, 150) : 0,
      pauseMs: random.integer(5, 70),
    };
  }

  #step(draft: Draft): void {
    const choice = this.#random.fraction();
    if (choice < 0.4) this.#item(draft);
    else if (choice < 0.6) this.#order(draft);
    else if (choice < 0.85) this.#pair(draft);
    else if (choice < 0.9) this.#moveItem(draft);
    else if (choice < 0.95) this.#allItems(draft);
    else if (this.#writer === 0) this.#flags(draft);
    else if (this.#writer === 1 && this.#random.fraction() < 0.3) this.#bulk(draft);
    else this.#item(draft);
  }

  /** Changed, deleted, or there again. */
  #item(draft: Draft): void {
    const id = this.#own('items');
    const row = rowOf('items', id);
    if (!this.#isThere(draft, row)) {
      draft.statements.push(`insert into items values (${id}, $n)`);
      draft.rows.set(row, { row, operation: 'insert', there: true });
    } else if (this.#random.fraction() < 0.15) {
      draft.statements.push(`delete from items where id = ${id}`);
      draft.rows.set(row, { row, operation: 'delete', there: false });
    } else {
      draft.statements.push(`update items set version = $n where id = ${id}`);
      draft.rows.set(row, { row, operation: 'update', there: true });
    }
  }

  /** A row goes over to another key. */
  #moveItem(draft: Draft): void {
    const from = this.#own('items');
    const to = this.#own('items');
    const [left, right] = [rowOf('items', from), rowOf('items', to)];
    if (!this.#isThere(draft, left) || this.#isThere(draft, right)) return this.#item(draft);
    draft.statements.push(`update items set id = ${to}, version = $n where id = ${from}`);
    draft.rows.set(left, { row: left, operation: 'update', there: false });
    draft.rows.set(right, { row: right, operation: 'update', there: true });
  }

  #allItems(draft: Draft): void {
    const mine = this.#ids('items').filter((id) => this.#isThere(draft, rowOf('items', id)));
    if (mine.length === 0) return this.#item(draft);
    draft.statements.push(`update items set version = $n where id in (${mine})`);
    for (const row of mine.map((id) => rowOf('items', id)))
      draft.rows.set(row, { row, operation: 'update', there: true });
  }

  /** Also one that another customer has from then on. */
  #order(draft: Draft): void {
    const id = this.#own('orders');
    const row = rowOf('orders', id);
    const group = this.#random.integer(1, CUSTOMERS);
    if (!this.#isThere(draft, row)) {
      draft.statements.push(`insert into orders values (${id}, ${group}, $n)`);
      draft.rows.set(row, { row, operation: 'insert', there: true, group });
    } else if (this.#random.fraction() < 0.2) {
      draft.statements.push(`delete from orders where id = ${id}`);
      draft.rows.set(row, { row, operation: 'delete', there: false });
    } else {
      draft.statements.push(`update orders set customer_id = ${group}, version = $n where id = ${id}`);
      draft.rows.set(row, { row, operation: 'update', there: true, group });
    }
  }

  /** Two rows of two tables, always together. */
  #pair(draft: Draft): void {
    const id = this.#own('pair_left');
    for (const table of ['pair_left', 'pair_right'] as const) {
      const row = rowOf(table, id);
      const there = this.#isThere(draft, row);
      const update = `update ${table} set version = $n where id = ${id}`;
      draft.statements.push(there ? update : `insert into ${table} values (${id}, $n)`);
      draft.rows.set(row, { row, operation: there ? 'update' : 'insert', there: true });
    }
  }

  /** All of a small table, by one writer alone: filled, changed, or truncated. */
  #flags(draft: Draft): void {
    const rows = Array.from({ length: SIZES.flags }, (_, i) => rowOf('flags', i + 1));
    const there = this.#isThere(draft, rows[0] ?? '');
    const truncates = there && this.#random.fraction() < 0.5;
    const operation = truncates ? 'truncate' : there ? 'update' : 'insert';
    const fill = `insert into flags select i, $n from generate_series(1, ${SIZES.flags}) i`;
    draft.statements.push(truncates ? 'truncate flags' : there ? 'update flags set version = $n' : fill);
    for (const row of rows) draft.rows.set(row, { row, operation, there: !truncates });
  }

  #bulk(draft: Draft): void {
    const there = this.#isThere(draft, BULK);
    const fill = `insert into bulk select i, $n from generate_series(1, ${BULK_ROWS}) i`;
    draft.statements.push(there ? 'update bulk set version = $n' : fill);
    draft.rows.set(BULK, { row: BULK, operation: there ? 'update' : 'insert', there: true });
  }

  #isThere(draft: Draft, row: string): boolean {
    return (draft.rows.get(row) ?? this.#rows.get(row))?.there ?? false;
  }

  #own(table: VersionedTable): number {
    const ids = this.#ids(table);
    return ids[this.#random.integer(0, ids.length - 1)] ?? 1;
  }

  #ids(table: VersionedTable): number[] {
    const ids = Array.from({ length: SIZES[table] }, (_, i) => i + 1);
    return ids.filter((id) => id % this.#writers === this.#writer);
  }
}
