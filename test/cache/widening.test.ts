import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { cache, type Dependency, type Logger, row, type SourceMode } from '../../src/index.js';
import { modes, openWatched, type Watched, type WatchedSetup } from '../support/open-watched.js';
import { runRemedy } from '../support/run-remedy.js';

const ORDERS = `create table orders (id int primary key, customer_id int, total numeric, name varchar);
  insert into orders values (1, 7, 1, 'a'), (2, 8, 2, 'b')`;

interface Warning {
  readonly message: string;
  readonly remedy: string;
}

/** A source, with what it and its caches have warned of by a dependency that is wider than it was meant. */
async function open(mode: SourceMode, setup: Partial<WatchedSetup> = {}) {
  const warnings: Warning[] = [];
  const warn = (detail: object, message: string) => {
    if ('remedy' in detail && 'cache' in detail) warnings.push({ message, remedy: String(detail.remedy) });
  };
  const silent = () => {};
  const logger: Logger = { debug: silent, info: silent, warn, error: silent };
  const watched = await openWatched(mode, {
    sql: ORDERS,
    tables: ['orders'],
    source: { logger, silenceLimitMs: 300 },
    ...setup,
  });
  return { ...watched, warnings };
}

const byDependency = ({ source }: Watched, make: (i: number) => Dependency) =>
  cache(async (i: number) => i, { source, dependsOn: (i) => [make(i)], name: 'lists' });

const byCustomer = (watched: Watched) =>
  byDependency(watched, (customer_id) => row('orders', { customer_id }));

describe.each(modes)('a row that cannot be matched exactly, over %s', (mode) => {
  test('by a column that is not told before and after, widens, and says so once', async () => {
    const watched = await open(mode);
    try {
      const lists = byCustomer(watched);
      await Promise.all([lists(7), lists(8)]);
      await watched.write('update orders set total = 5 where id = 1');
      expect([lists.peek(7), lists.peek(8)]).toEqual([undefined, undefined]);
      await Promise.all([lists(7), lists(8)]);
      await watched.write('delete from orders where id = 2');
      expect([lists.peek(7), lists.peek(8)]).toEqual([undefined, undefined]);
      expect(watched.warnings).toEqual([
        {
          message: expect.stringMatching(/lists .* "public"."orders" by "customer_id"/),
          remedy: expect.stringContaining('npx pgcachewatch install'),
        },
      ]);
      expect(lists.explain(7).dependencies).toMatchObject([
        { table: 'public.orders', row: { customer_id: '7' }, untold: ['customer_id'] },
      ]);
    } finally {
      await watched.close();
    }
  });

  test('is matched by the columns of the key that it names besides', async () => {
    const watched = await open(mode);
    try {
      const orders = byDependency(watched, (id) => row('orders', { id, customer_id: 7 }));
      await Promise.all([orders(1), orders(2)]);
      await watched.write('update orders set total = 5 where id = 1');
      expect([orders.peek(1), orders.peek(2) !== undefined]).toEqual([undefined, true]);
      expect(watched.warnings).toHaveLength(1);
    } finally {
      await watched.close();
    }
  });

  test.each<[what: string, sql: string, table: string, setup: Partial<WatchedSetup>]>([
    ['a plain table', ORDERS, 'orders', {}],
    ['a table with an odd name', ORDERS.replaceAll('orders', `"it's $1"`), `"it's $1"`, {}],
    [
      'a partitioned table',
      `create table orders (id int primary key, customer_id int, total numeric) partition by range (id);
       create table orders_low partition of orders for values from (0) to (2);
       create table orders_high partition of orders for values from (2) to (9);
       insert into orders values (1, 7, 1), (2, 8, 2)`,
      'orders',
      {},
    ],
    [
      'a table with a generated column',
      `${ORDERS}; alter table orders add twice int generated always as (customer_id * 2) stored`,
      'orders',
      {},
    ],
    [
      'a table whose key alone is told',
      ORDERS,
      'orders',
      mode === 'replication' ? { install: { columns: 'key' } } : {},
    ],
  ])('the remedy as it is printed mends it for %s, and harms no writer', async (_, sql, table, setup) => {
    const watched = await open(mode, { sql, tables: [table], ...setup });
    try {
      const widened = byDependency(watched, (customer_id) => row(table, { customer_id }));
      await widened(7);
      const looked = new Promise((resolve) => watched.source.on('gap', resolve));
      await runRemedy(watched.warnings[0]?.remedy ?? '', watched.database);
      await looked;
      watched.warnings.splice(0);
      const lists = byDependency(watched, (customer_id) => row(table, { customer_id }));
      await Promise.all([lists(7), lists(8), lists(9), widened(7), widened(8)]);
      expect(watched.warnings).toEqual([]);
      await watched.write(`update ${table} set customer_id = 9 where id = 1`);
      expect([7, 8, 9].filter((id) => lists.peek(id))).toEqual([8]);
      expect([7, 8].filter((id) => widened.peek(id))).toEqual([8]);
      await watched.write(`delete from ${table} where id = 2`);
      expect([8].filter((id) => lists.peek(id))).toEqual([]);
    } finally {
      await watched.close();
    }
  });

  test('by a type of which equal values have several texts, or a value whose text is in doubt, widens', async () => {
    const watched = await open(mode, { images: true });
    try {
      const totals = byDependency(watched, (total) => row('orders', { total }));
      const names = byDependency(watched, () => row('orders', { name: new Date(0) }));
      await Promise.all([totals(1), totals(2), names(1)]);
      await watched.write('update orders set customer_id = 1 where id = 1');
      expect([totals.peek(1), totals.peek(2), names.peek(1)]).toEqual([undefined, undefined, undefined]);
      expect(watched.warnings.map(({ message }) => message)).toEqual([
        expect.stringContaining('several texts'),
        expect.stringContaining('in doubt'),
      ]);
    } finally {
      await watched.close();
    }
  });
});

test('an identity by index is what rows are matched by, and the primary key is not', async () => {
  const sql = `${ORDERS}; alter table orders alter customer_id set not null;
    create unique index by_customer on orders (customer_id);
    alter table orders replica identity using index by_customer`;
  const watched = await open('replication', { sql });
  try {
    const lists = byCustomer(watched);
    const orders = byDependency(watched, (id) => row('orders', { id }));
    await Promise.all([lists(7), lists(8), lists(9), orders(1), orders(2)]);
    expect(watched.warnings.map(({ message }) => message)).toEqual([expect.stringContaining('"id"')]);
    await watched.write('update orders set customer_id = 9 where id = 1');
    expect([7, 8, 9].filter((id) => lists.peek(id))).toEqual([8]);
    expect([orders.peek(1), orders.peek(2)]).toEqual([undefined, undefined]);
  } finally {
    await watched.close();
  }
});

test('triggers that tell of tables alone widen every row to its table', async () => {
  const watched = await open('notify', { install: { level: 'table' } });
  try {
    const orders = byDependency(watched, (id) => row('orders', { id }));
    await Promise.all([orders(1), orders(2)]);
    await watched.write('insert into orders values (3)');
    expect([orders.peek(1), orders.peek(2)]).toEqual([undefined, undefined]);
    expect(watched.warnings).toHaveLength(1);
  } finally {
    await watched.close();
  }
});

test('whoever has set up no logger is warned by the process', async () => {
  const watched = await openWatched('notify', { sql: ORDERS, tables: ['orders'] });
  try {
    const warned = once(process, 'warning');
    await byCustomer(watched)(7);
    expect((await warned)[0]).toMatchObject({
      code: 'WIDENED',
      message: expect.stringContaining('--level row'),
    });
  } finally {
    await watched.close();
  }
});
