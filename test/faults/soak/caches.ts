import {
  anyOf,
  type CachedFunction,
  type ChangeSource,
  cache,
  cacheMany,
  greedy,
  row,
  type Strategy,
  table,
  timed,
  windowed,
} from '../../../src/index.js';
import type { PlacePromise, Promises } from '../checker/place.js';
import {
  loadBulk,
  loadGroup,
  loadLate,
  loadRow,
  loadRows,
  loadTables,
  type Query,
  type Value,
} from './loads.js';
import { BULK, CUSTOMERS, rowOf, rowsOf, SIZES } from './tables.js';

export type Cached = CachedFunction<[id: number], Value>;

/** What a cache is made with. */
export interface Making {
  readonly source: ChangeSource;
  readonly query: Query;
  /** Called while a transaction is being decided upon. */
  readonly onPredicate: () => void;
}

/** A cache under test, and what is promised of it. */
export interface CacheKind {
  readonly name: string;
  /** It is asked for 1 to this. */
  readonly args: number;
  promise(id: number): PlacePromise;
  make(making: Making): Cached;
}

const SIZE_WAIT_MS = 300;
const SEQUENCE_WAIT_MS = 400;
const INTERVAL_MS = 250;
const LONG_INTERVAL_MS = 500;
const SERVE_STALE_MS = 600;
const REVALIDATE_MS = 200;

/** The longest that a strategy may take to drop what it was told of. */
export const LONGEST_BOUND_MS = LONG_INTERVAL_MS;

const NOTED = new Set(['update', 'delete'] as const);

/** A row of the items by its key, with a strategy or an option. */
function itemKind(
  name: string,
  made: { strategy?: Strategy; serveStaleForMs?: number; staleWhileRevalidateMs?: number },
  promised: Partial<PlacePromise> = {},
): CacheKind {
  const { strategy = greedy(), serveStaleForMs, staleWhileRevalidateMs } = made;
  return {
    name,
    args: SIZES.items,
    promise: (id) => ({ scope: [{ row: rowOf('items', id) }], boundMs: 0, ...promised }),
    make: ({ source, query }) =>
      cache((id: number) => loadRow(query, 'items', id), {
        source,
        name,
        strategy,
        staleWhileRevalidateMs,
        whenInterrupted: serveStaleForMs === undefined ? 'bypass' : { serveStaleForMs },
        dependsOn: (id) => [row('items', { id })],
      }),
  };
}

/** Of a table whose rows are only ever written together with those of the other. */
function pairKind(own: 'pair_left' | 'pair_right', other: 'pair_left' | 'pair_right'): CacheKind {
  return {
    name: own,
    args: SIZES[own],
    promise: (id) => ({ scope: [{ row: rowOf(own, id) }], boundMs: 0, partner: placeName(other, id) }),
    make: ({ source, query, onPredicate }) =>
      cache((id: number) => loadRow(query, own, id), {
        source,
        name: own,
        strategy: greedy({
          predicate: () => {
            onPredicate();
            return true;
          },
        }),
        dependsOn: (id) => [row(own, { id })],
      }),
  };
}

export const KINDS: readonly CacheKind[] = [
  itemKind('item', {}),
  itemKind(
    'counted',
    { strategy: greedy({ predicate: ({ operation }) => operation !== 'insert' }) },
    { counts: NOTED },
  ),
  itemKind(
    'window of size',
    { strategy: windowed({ size: 5, maxWaitMs: SIZE_WAIT_MS }) },
    { boundMs: SIZE_WAIT_MS },
  ),
  itemKind(
    'window of operations',
    { strategy: windowed({ sequence: ['update', 'delete'], maxWaitMs: SEQUENCE_WAIT_MS }) },
    { boundMs: SEQUENCE_WAIT_MS },
  ),
  itemKind('timed', { strategy: timed({ intervalMs: INTERVAL_MS }) }, { boundMs: INTERVAL_MS }),
  itemKind(
    'any of two',
    {
      strategy: anyOf(
        greedy({ predicate: ({ operation }) => operation === 'delete' }),
        timed({ intervalMs: LONG_INTERVAL_MS }),
      ),
    },
    { boundMs: LONG_INTERVAL_MS },
  ),
  itemKind('served stale', { serveStaleForMs: SERVE_STALE_MS }, { serveStaleForMs: SERVE_STALE_MS }),
  itemKind(
    'revalidated',
    { staleWhileRevalidateMs: REVALIDATE_MS },
    { staleWhileRevalidateMs: REVALIDATE_MS },
  ),
  pairKind('pair_left', 'pair_right'),
  pairKind('pair_right', 'pair_left'),
  {
    name: 'orders of',
    args: CUSTOMERS,
    promise: (customer) => ({ scope: rowsOf('orders', customer), boundMs: 0 }),
    make: ({ source, query }) =>
      cache((customer: number) => loadGroup(query, 'orders', customer), {
        source,
        name: 'orders of',
        dependsOn: (customer) => [row('orders', { customer_id: customer })],
      }),
  },
  {
    name: 'table',
    args: 1,
    promise: () => ({ scope: rowsOf('items'), boundMs: 0 }),
    make: ({ source, query }) =>
      cache((_: number) => loadTables(query, ['items']), { source, name: 'table', dependsOn: ['items'] }),
  },
  {
    name: 'several',
    args: 2,
    promise: () => ({ scope: [...rowsOf('flags'), ...rowsOf('orders')], boundMs: 0 }),
    make: ({ source, query }) =>
      cache((_: number) => loadTables(query, ['flags', 'orders']), {
        source,
        name: 'several',
        dependsOn: [table('flags'), table('orders')],
      }),
  },
  {
    name: 'everything',
    args: 1,
    promise: () => ({ scope: [...rowsOf('items'), ...rowsOf('flags'), ...rowsOf('pair_left')], boundMs: 0 }),
    make: ({ source, query }) =>
      cache((_: number) => loadTables(query, ['items', 'flags', 'pair_left']), {
        source,
        name: 'everything',
      }),
  },
  {
    name: 'bulk',
    args: 1,
    promise: () => ({ scope: [{ row: BULK }], boundMs: 0 }),
    make: ({ source, query }) =>
      cache((_: number) => loadBulk(query), { source, name: 'bulk', dependsOn: ['bulk'] }),
  },
  {
    name: 'late',
    args: SIZES.items,
    promise: (id) => ({ scope: [{ row: rowOf('items', id) }], boundMs: 0 }),
    make: ({ source, query }) =>
      cache((id: number, context) => loadLate(query, id, context), { source, name: 'late', context: true }),
  },
  {
    name: 'many',
    args: SIZES.items,
    promise: (id) => ({ scope: [{ row: rowOf('items', id) }], boundMs: 0 }),
    make: ({ source, query }) =>
      cacheMany((ids: readonly number[]) => loadRows(query, 'items', ids), {
        source,
        name: 'many',
        dependsOn: (id) => [row('items', { id })],
      }),
  },
];

export function placeName(cacheName: string, id: number): string {
  return `${cacheName}(${id})`;
}

/** What is promised of every cache at every argument. */
export function promisesOf(kinds: readonly CacheKind[]): Promises {
  return new Map(
    kinds.flatMap((kind) =>
      Array.from(
        { length: kind.args },
        (_, i) => [placeName(kind.name, i + 1), kind.promise(i + 1)] as const,
      ),
    ),
  );
}
