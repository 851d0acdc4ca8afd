import { expectTypeOf, test } from 'vitest';
import {
  type CacheChannels,
  type ChangeEvent,
  createSource,
  type DropCause,
  dependenciesFor,
  type Gap,
  type RowDependency,
  type SourceStatistics,
  statisticsOf,
  type TableDependency,
  type VerifyReport,
  windowed,
} from '../../src/index.js';

test('dependenciesFor knows the tables and columns of a schema', () => {
  const { row, table } = dependenciesFor<{
    orders: { id: number; customer_id: number };
    'sales.items': { order_id: number };
  }>();
  expectTypeOf(table('orders')).toEqualTypeOf<TableDependency>();
  expectTypeOf(row('sales.items', { order_id: 1 })).toEqualTypeOf<RowDependency>();
  row('orders', { customer_id: null });
  // @ts-expect-error there is no such table
  table('order');
  // @ts-expect-error there is no such table
  row('items', { order_id: 1 });
  // @ts-expect-error there is no such column
  row('orders', { costumer_id: 1 });
  // @ts-expect-error a column of another table
  row('orders', { order_id: 1 });
});

test('windowed takes a sequence, or a size with a time', () => {
  windowed({ sequence: ['insert', 'update'] });
  windowed({ sequence: ['truncate'], maxWaitMs: 5, predicate: ({ table }) => table === 'orders' });
  windowed({ size: 5, maxWaitMs: 5 });
  // @ts-expect-error there is no such operation
  windowed({ sequence: ['upsert'] });
  // @ts-expect-error without a time, a value could be stale for ever
  windowed({ size: 5 });
  // @ts-expect-error neither of the two
  windowed({ maxWaitMs: 5 });
});

test('the messages of the channels are known by the channels', () => {
  type Of<K extends string> = `pgcachewatch:${K}` & keyof CacheChannels;
  expectTypeOf<keyof CacheChannels>().toEqualTypeOf<
    Of<'hit'> | Of<'miss'> | Of<'load'> | Of<'drop'> | Of<'gap'> | Of<'verify'>
  >();
  expectTypeOf<CacheChannels[Of<'hit'>]['key']>().toEqualTypeOf<string | number>();
  expectTypeOf<CacheChannels[Of<'load'>]['keys']>().toEqualTypeOf<readonly (string | number)[]>();
  expectTypeOf<CacheChannels[Of<'load'>]['durationMs']>().toEqualTypeOf<number>();
  expectTypeOf<CacheChannels[Of<'drop'>]['cause']>().toEqualTypeOf<DropCause>();
  expectTypeOf<CacheChannels[Of<'drop'>]['change']>().toEqualTypeOf<ChangeEvent | null>();
  expectTypeOf<CacheChannels[Of<'gap'>]['gap']>().toEqualTypeOf<Gap>();
  expectTypeOf<CacheChannels[Of<'verify'>]>().toExtend<VerifyReport & { readonly cache: string }>();
  expectTypeOf<DropCause>().toEqualTypeOf<
    'change' | 'gap' | 'invalidate' | 'clear' | 'expired' | 'evicted'
  >();
});

test('statistics are of a source', () => {
  expectTypeOf(statisticsOf(createSource())).toEqualTypeOf<SourceStatistics>();
  // @ts-expect-error not of a cache
  statisticsOf(() => {});
});
