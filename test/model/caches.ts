import {
  anyOf,
  type CacheOptions,
  type Dependency,
  greedy,
  type PredicateOption,
  row,
  table,
  timed,
  windowed,
} from '../../src/index.js';
import type { ShopState, Touched, Write } from './shop-state.js';

export type Arg = number | null;

/** What a cached function gives: what it read, and the version of the database that it read it from. */
export interface Value {
  readonly version: number;
  readonly rows: unknown;
}

/** One kind of cache, and what the model expects of it. */
export interface CacheUnderTest {
  readonly name: string;
  readonly args: readonly Arg[];
  /** Gives `rows`; `$1` is the argument. */
  readonly sql: string;
  readonly expected: (state: ShopState, arg: Arg) => unknown;
  /** Whether the value depends on the row. */
  readonly concerns: (touched: Touched, arg: Arg) => boolean;
  /** A write that the value depends on. */
  readonly touch: (arg: Arg) => Write;
  /** For how long after a change was told a value from before may be served. */
  readonly boundMs: number;
  /** `counts`: the predicate of the strategies. */
  readonly options: (predicate: PredicateOption['predicate']) => Partial<CacheOptions<[arg: Arg], Value>>;
  /** What the load tells of its dependencies, when it has read. */
  readonly tells?: (rows: unknown, arg: Arg) => readonly Dependency[];
  readonly serveStaleForMs?: number;
  /** A value from before a gap may be served for the same time. */
  readonly staleWhileRevalidate?: true;
}

const ORDER_SQL = '(select json_build_array(id, customer, stamp) from orders where id = $1)';
const ofCustomer = {
  touch: (customer: Arg): Write => ({ kind: 'put order', id: 1, customer }),
  args: [1, 2, null],
  sql: `(select coalesce(json_agg(json_build_array(id, stamp) order by id), '[]')
         from orders where customer is not distinct from $1)`,
  expected: ({ orders }: ShopState, arg: Arg) =>
    sorted(orders)
      .filter(([, { customer }]) => customer === arg)
      .map(([id, { stamp }]) => [id, stamp]),
  concerns: (touched: Touched, arg: Arg) =>
    touched.table === 'orders' && (touched.row === null || touched.row.customer === arg),
};
const order = {
  touch: (id: Arg): Write => ({ kind: 'put order', id: Number(id), customer: 1 }),
  args: [1, 2],
  sql: ORDER_SQL,
  expected: ({ orders }: ShopState, arg: Arg) => orderRow(orders, arg),
  concerns: (touched: Touched, arg: Arg) =>
    touched.table === 'orders' && (touched.row === null || touched.row.id === arg),
};
const stock = {
  touch: (id: Arg): Write => ({ kind: 'put stock', id: Number(id) }),
  args: [1, 2],
  sql: '(select json_build_array(id, stamp) from stock where id = $1)',
  expected: (state: ShopState, arg: Arg) => stockRow(state.stock, arg),
  concerns: (touched: Touched, arg: Arg) => touched.table === 'stock' && touched.row.id === arg,
};
/** An order, and the stock of the article that has its customer's number: known when the order was read. */
const orderWithStock = {
  touch: order.touch,
  args: [1, 2],
  sql: `(select json_build_array(${ORDER_SQL},
      (select json_build_array(s.id, s.stamp) from stock s join orders o on o.customer = s.id where o.id = $1)))`,
  expected: ({ orders, stock }: ShopState, arg: Arg) => [
    orderRow(orders, arg),
    stockRow(stock, orders.get(Number(arg))?.customer ?? null),
  ],
  concerns: (touched: Touched, arg: Arg) => touched.table === 'stock' || order.concerns(touched, arg),
};

export const CACHES: readonly CacheUnderTest[] = [
  {
    ...order,
    name: 'order',
    boundMs: 0,
    options: (predicate) => ({
      strategy: greedy({ predicate }),
      dependsOn: (id) => [row('orders', { id })],
    }),
  },
  {
    ...ofCustomer,
    name: 'ofCustomer',
    boundMs: 0,
    options: (predicate) => ({
      strategy: greedy({ predicate }),
      dependsOn: (customer) => [row('orders', { customer })],
    }),
  },
  {
    ...orderWithStock,
    name: 'toldLate',
    boundMs: 0,
    options: (predicate) => ({ strategy: greedy({ predicate }) }),
    tells: (rows, id) => [row('orders', { id }), row('stock', { id: customerIn(rows) })],
  },
  {
    ...ofCustomer,
    name: 'ofCustomerTimed',
    boundMs: 100,
    options: () => ({
      strategy: timed({ intervalMs: 100 }),
      dependsOn: (customer) => [row('orders', { customer })],
    }),
  },
  {
    ...stock,
    name: 'stock',
    boundMs: 0,
    serveStaleForMs: 150,
    options: (predicate) => ({
      strategy: greedy({ predicate }),
      dependsOn: (id) => [row('stock', { id })],
      whenInterrupted: { serveStaleForMs: 150 },
    }),
  },
  {
    name: 'allOrdersWindowed',
    touch: () => ({ kind: 'put order', id: 2, customer: 1 }),
    args: [1, 2],
    sql: `(select coalesce(json_agg(json_build_array(id, customer, stamp) order by id), '[]')
           from orders where id >= $1)`,
    expected: ({ orders }, first) =>
      sorted(orders)
        .filter(([id]) => id >= Number(first))
        .map(([id, { customer, stamp }]) => [id, customer, stamp]),
    concerns: (touched) => touched.table === 'orders',
    boundMs: 150,
    options: () => ({ strategy: windowed({ size: 3, maxWaitMs: 150 }), dependsOn: [table('orders')] }),
  },
  {
    name: 'everything',
    touch: stock.touch,
    args: [1, 2],
    sql: `(select json_build_array((select max(stamp) from orders), (select count(*) from orders),
      (select max(stamp) from stock), (select count(*) from stock), $1::int))`,
    expected: ({ orders, stock }, arg) => {
      const stamps = [...orders.values()].map(({ stamp }) => stamp);
      return [latest(stamps), orders.size, latest([...stock.values()]), stock.size, arg];
    },
    concerns: () => true,
    boundMs: 0,
    options: (predicate) => ({ strategy: greedy({ predicate }) }),
  },
  {
    ...orderWithStock,
    name: 'toldLateTimed',
    boundMs: 100,
    options: () => ({ strategy: timed({ intervalMs: 100 }), dependsOn: (id) => [row('orders', { id })] }),
    tells: (rows) => [row('stock', { id: customerIn(rows) })],
  },
  {
    ...stock,
    name: 'stockInSequence',
    boundMs: 120,
    options: () => ({
      strategy: windowed({ sequence: ['insert', 'update'], maxWaitMs: 120 }),
      dependsOn: (id) => [row('stock', { id })],
    }),
  },
  {
    ...order,
    name: 'orderStaleWhileRevalidate',
    boundMs: 80,
    staleWhileRevalidate: true,
    options: (predicate) => ({
      strategy: greedy({ predicate }),
      dependsOn: (id) => [row('orders', { id })],
      staleWhileRevalidateMs: 80,
    }),
  },
  {
    ...ofCustomer,
    name: 'ofCustomerAnyOf',
    boundMs: 100,
    options: () => ({
      strategy: anyOf(
        greedy({ predicate: ({ operation }) => operation === 'delete' }),
        timed({ intervalMs: 100 }),
      ),
      dependsOn: (customer) => [row('orders', { customer })],
    }),
  },
];

function sorted<V>(rows: ReadonlyMap<number, V>): [number, V][] {
  return [...rows].sort(([a], [b]) => a - b);
}

function orderRow(orders: ShopState['orders'], id: Arg): unknown {
  const found = orders.get(Number(id));
  return found ? [id, found.customer, found.stamp] : null;
}

function stockRow(rows: ShopState['stock'], id: Arg): unknown {
  const stamp = id === null ? undefined : rows.get(id);
  return stamp === undefined ? null : [id, stamp];
}

function latest(stamps: readonly number[]): number | null {
  return stamps.length > 0 ? Math.max(...stamps) : null;
}

/** The customer of the order in what `orderWithStock` gives; there is no article 0. */
function customerIn(rows: unknown): number {
  const [found]: unknown[] = Array.isArray(rows) ? rows : [];
  const customer: unknown = Array.isArray(found) ? found[1] : null;
  return typeof customer === 'number' ? customer : 0;
}
