// Needs: create table orders (id int primary key, customer_id int); insert into orders values (42, 7)
// Needs: npx pgcachewatch install orders --commit
import pg from 'pg';
import { cache, createSource, dependenciesFor } from 'pgcachewatch';

/** The one that kysely or a generator has, for example. */
interface Schema {
  orders: { id: number; customer_id: number };
  'sales.items': { id: number };
}
const { row, table } = dependenciesFor<Schema>();

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['orders'] });
await source.start();

const getCustomer = cache(
  async (id: number): Promise<number> =>
    (await db.query('select customer_id from orders where id = $1', [id])).rows[0]?.customer_id,
  { source, dependsOn: (id) => [row('orders', { id })] },
);
console.log(await getCustomer(42));

// What is misspelt does not compile. (Without types, it is an error at the first call.)
// @ts-expect-error there is no such table
table('oders');
// @ts-expect-error there is no such column
row('orders', { order_id: 42 });

await source.close();
await db.end();

// Prints:
// 7
