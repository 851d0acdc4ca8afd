// Needs: create table orders (id int primary key, customer_id int, total int); insert into orders values (1, 7, 10)
// Needs: npx pgcachewatch install orders --level row --commit
import pg from 'pg';
import { cache, createSource, row } from 'pgcachewatch';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['orders'] });
await source.start();

const getOrdersOf = cache(
  async (customerId: number): Promise<number[]> => {
    const { rows } = await db.query('select id from orders where customer_id = $1 order by id', [customerId]);
    return rows.map(({ id }) => id);
  },
  { source, dependsOn: (customerId) => [row('orders', { customer_id: customerId })] },
);

const show = async () => console.log(await getOrdersOf(7), await getOrdersOf(8));
const write = async (sql: string) => {
  await db.query(sql);
  await source.caughtUp();
  console.log(
    `${sql.slice(0, 6)}: 7 is ${getOrdersOf.explain(7).status}, 8 is ${getOrdersOf.explain(8).status}`,
  );
};

await show();
console.log('7 drops at', getOrdersOf.explain(7).dropsWhen[0]);
await write('insert into orders values (2, 7, 20)'); // enters the list of 7
await show();
await write('update orders set customer_id = 8 where id = 1'); // leaves that of 7, enters that of 8
await show();
const { lastDrop } = getOrdersOf.explain(7);
console.log('7 was last dropped by:', lastDrop?.change?.operation, lastDrop?.change?.key?.id);

await source.close();
await db.end();

// Prints:
// [ 1 ] []
// 7 drops at a change of a row of public.orders with customer_id = 7, before or after
// insert: 7 is absent, 8 is cached
// [ 1, 2 ] []
// update: 7 is absent, 8 is absent
// [ 2 ] [ 1 ]
// 7 was last dropped by: update 1
