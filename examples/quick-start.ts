import pg from 'pg';
import { cache, createSource, row } from 'pgcachewatch';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['orders'] });
await source.start({ timeoutMs: 30_000 }); // live, or it throws with what is missing and how to mend it

const getOrder = cache(
  async (id: number) => {
    const { rows } = await db.query('select id, status from orders where id = $1', [id]);
    return rows[0];
  },
  { source, dependsOn: (id) => [row('orders', { id })] },
);

await getOrder(42); // loads
await getOrder(42); // a hit: the same promise

await db.query("update orders set status = 'paid' where id = 42"); // here, or anyone anywhere
await source.caughtUp(); // to read one's own write; for others it takes about a millisecond

console.log(await getOrder(42)); // { id: 42, status: 'paid' }
console.log(getOrder.statistics.hits, getOrder.statistics.misses); // 1 2

await source.close();
await db.end();
