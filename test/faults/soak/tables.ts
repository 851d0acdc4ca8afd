import type { RowScope } from '../checker/history.js';

/** The tables that are written and read, and how many rows each may have; a row's key is from 1 on. */
export const SIZES = { items: 16, orders: 16, flags: 4, pair_left: 8, pair_right: 8 } as const;
export const CUSTOMERS = 4;
/** More than a notification lists by key: told as the whole table. */
export const BULK_ROWS = 1_200;
/** One row for each transaction that has committed: it tells which one a change belongs to. */
export const LOG_TABLE = 'writes';

export type VersionedTable = keyof typeof SIZES;
export const VERSIONED: readonly VersionedTable[] = ['items', 'orders', 'flags', 'pair_left', 'pair_right'];
export const ALL_TABLES: readonly string[] = [...VERSIONED, 'bulk', LOG_TABLE];

/** All that `pair_left` consists of. */
export const PARTITION = 'pair_left_all';
export const PARTITION_BOUNDS = 'for values from (1) to (1000)';

export const SCHEMA = `
  create table items (id int primary key, version int not null);
  create table orders (id int primary key, customer_id int not null, version int not null);
  create table flags (id int primary key, version int not null);
  create table pair_left (id int primary key, version int not null) partition by range (id);
  create table ${PARTITION} partition of pair_left ${PARTITION_BOUNDS};
  create table pair_right (id int primary key, version int not null);
  create table bulk (id int primary key, version int not null);
  create table ${LOG_TABLE} (n int primary key);
  alter table orders replica identity full;`;

/** The row that stands for all of `bulk`, which is only ever written as a whole. */
export const BULK = 'bulk:all';

export function rowOf(table: VersionedTable, id: number): string {
  return `${table}:${id}`;
}

export function rowsOf(table: VersionedTable, group?: number): RowScope[] {
  const ids = Array.from({ length: SIZES[table] }, (_, i) => i + 1);
  return ids.map((id) => ({ row: rowOf(table, id), ...(group === undefined ? {} : { group }) }));
}
