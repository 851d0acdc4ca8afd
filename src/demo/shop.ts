import type { Client } from 'pg';
import type { Write } from './scenario.js';

/** The shop's tables, and what is in them to begin with. */
export const shopSchema = `
  CREATE TABLE customers (
    id   integer PRIMARY KEY,
    name text NOT NULL
  );
  CREATE TABLE orders (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    status      text NOT NULL
  );
  CREATE TABLE order_items (
    order_id integer REFERENCES orders ON DELETE CASCADE,
    line     integer,
    cents    integer NOT NULL,
    PRIMARY KEY (order_id, line)
  );
  INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob');
  INSERT INTO orders VALUES (1, 1, 'new'), (2, 1, 'new'), (4, 2, 'new');
  INSERT INTO order_items VALUES (1, 1, 1200), (2, 1, 300), (2, 2, 450), (4, 1, 999);
`;

export const shopTables = ['customers', 'orders', 'order_items'];

/** What the shop reads, and is worth caching: nothing in here knows of a cache. */
export function shopQueries(client: Client) {
  const first = async (text: string, values: unknown[] = []): Promise<unknown> =>
    (await client.query(text, values)).rows[0] ?? null;
  return {
    customer: (id: number) => first('SELECT name FROM customers WHERE id = $1', [id]),
    order: (id: number) => first('SELECT status FROM orders WHERE id = $1', [id]),
    openOrders: () => first("SELECT count(*)::int AS open FROM orders WHERE status = 'new'"),
    revenue: () => first('SELECT coalesce(sum(cents), 0)::int AS cents FROM order_items'),
  };
}

/** What another connection does to the shop, in this order. */
export const shopWrites: readonly Write[] = [
  {
    title: 'One order changes: its own result goes, and the counts over all orders; no other does',
    statements: ["UPDATE orders SET status = 'shipped' WHERE id = 1"],
    drops: ['order(1)', 'openOrders()'],
  },
  {
    title: 'An order appears: a cached "there is none" goes as well',
    statements: ["INSERT INTO orders VALUES (3, 2, 'new')"],
    drops: ['order(3)', 'openOrders()'],
  },
  {
    title: 'A transaction over two tables is one moment',
    statements: [
      'BEGIN',
      "UPDATE customers SET name = 'Ada L.' WHERE id = 1",
      "UPDATE orders SET status = 'paid' WHERE id = 2",
      'COMMIT',
    ],
    drops: ['customer(1)', 'order(2)', 'openOrders()'],
  },
  {
    title: 'A transaction that is rolled back never was',
    statements: ['BEGIN', "UPDATE orders SET status = 'lost'", 'DELETE FROM order_items', 'ROLLBACK'],
    drops: [],
  },
  {
    title: 'A row that nobody cached changes: only the count over its table goes',
    statements: ["UPDATE orders SET status = 'returned' WHERE id = 4"],
    drops: ['openOrders()'],
  },
  {
    title: 'An order is deleted, and its items with it, by the foreign key',
    statements: ['DELETE FROM orders WHERE id = 2'],
    drops: ['order(2)', 'openOrders()', 'revenue()'],
  },
  {
    title: 'A table is truncated',
    statements: ['TRUNCATE order_items'],
    drops: ['revenue()'],
  },
];
