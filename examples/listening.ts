import pg from 'pg';
import { createSource } from 'pgcachewatch';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
await using source = createSource({ tables: ['orders'] });
source.on('gap', ({ reason }) => console.log('changes may have been missed:', reason));
source.on('error', ({ message }) => console.error(message));
await source.start();

const changes = source[Symbol.asyncIterator]();
await db.query('insert into orders (id, status) values (7, $1)', ['new']);
const { value } = await changes.next(); // or: for await (const change of source) …
console.log(value?.operation, value?.table, value?.key?.id); // insert orders 7

await db.end();
