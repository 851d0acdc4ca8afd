import type { QueryResultRow } from 'pg';
import { type LoadContext, row } from '../../../src/index.js';
import type { SeenRow } from '../checker/record.js';
import { BULK, rowOf, SIZES, type VersionedTable } from './tables.js';

/** What is cached: rows with their versions. Each load makes a list of its own, by which it is known again. */
export type Value = readonly SeenRow[];

export type Query = (text: string, values?: unknown[]) => Promise<{ rows: QueryResultRow[] }>;

/** What caches load, each in one query, so that it is one moment of the database. */
export function loadRow(query: Query, table: VersionedTable, id: number): Promise<Value> {
  return seen(query, table, 'where id = $1', [id]);
}

export async function loadRows(query: Query, table: VersionedTable, ids: readonly number[]) {
  const rows = await seen(query, table, 'where id = any ($1)', [ids]);
  return ids.map((id): Value => rows.filter(([name]) => name === rowOf(table, id)));
}

export function loadGroup(query: Query, table: VersionedTable, customer: number): Promise<Value> {
  return seen(query, table, 'where customer_id = $1', [customer]);
}

export function loadTables(query: Query, tables: readonly VersionedTable[]): Promise<Value> {
  const selects = tables.map((table) => `select '${table}:' || id as row, version from ${table}`);
  return rowsOf(query, selects.join(' union all '), []);
}

/** All rows of the table, which have one version unless somebody sees half a transaction. */
export async function loadBulk(query: Query): Promise<Value> {
  const { rows } = await query('select min(version) as low, max(version) as high from bulk');
  const { low, high } = rows[0] ?? {};
  return low === null ? [] : [[BULK, low === high ? low : -1]];
}

/** An item, and an order that only the item tells. */
export async function loadLate(query: Query, id: number, { dependsOn }: LoadContext): Promise<Value> {
  dependsOn(row('items', { id }));
  const [item] = await loadRow(query, 'items', id);
  const version = item?.[1] ?? 0;
  const order = (version % SIZES.orders) + 1;
  const [found] = await loadRow(query, 'orders', order);
  dependsOn(row('orders', { id: order }));
  return [...(item ? [item] : []), [rowOf('orders', order), found?.[1] ?? 0]];
}

function seen(query: Query, table: VersionedTable, where: string, values: unknown[]): Promise<Value> {
  return rowsOf(query, `select '${table}:' || id as row, version from ${table} ${where}`, values);
}

async function rowsOf(query: Query, text: string, values: unknown[]): Promise<Value> {
  const { rows } = await query(text, values);
  return rows.map(({ row: name, version }): SeenRow => [name, version]);
}
