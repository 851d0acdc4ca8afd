// Needs: create table products (id int primary key, name text); insert into products values (1, 'tea'), (2, 'milk')
// Needs: npx pgcachewatch install products --commit
import pg from 'pg';
import { cacheMany, createSource, row } from 'pgcachewatch';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['products'] });
await source.start();

const getName = cacheMany(
  async (ids: readonly number[]): Promise<Map<number, string>> => {
    console.log('loads', ...ids);
    const { rows } = await db.query('select id, name from products where id = any ($1)', [ids]);
    return new Map(rows.map(({ id, name }) => [id, name])); // what is not among them is undefined
  },
  { source, name: 'getName', dependsOn: (id) => [row('products', { id })] },
);

console.log(await getName(1)); // one key
console.log(await getName.getMany([1, 2, 3])); // the keys that are missing, in one query
await db.query("update products set name = 'oat milk' where id = 2");
await db.query("insert into products values (3, 'sugar')");
await source.caughtUp();
console.log(await getName.getMany([1, 2, 3])); // the keys that have changed; and 3, which there is now

await source.close();
await db.end();

// Prints:
// loads 1
// tea
// loads 2 3
// [ 'tea', 'milk', undefined ]
// loads 2 3
// [ 'tea', 'oat milk', 'sugar' ]
