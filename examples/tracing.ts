// Needs: create table orders (id int primary key, status text); insert into orders values (42, 'new')
// Needs: npx pgcachewatch install orders --commit
import { subscribe } from 'node:diagnostics_channel';
import pg from 'pg';
import { type CacheChannels, cache, createSource, row } from 'pgcachewatch';

/** Node's channels know no types: these are what is published on ours. */
function on<C extends keyof CacheChannels>(channel: C, listener: (message: CacheChannels[C]) => void): void {
  subscribe(channel, (message) => listener(message as CacheChannels[C]));
}

on('pgcachewatch:hit', ({ cache, key }) => console.log(cache, 'hit', key));
on('pgcachewatch:miss', ({ cache, key }) => console.log(cache, 'miss', key));
on('pgcachewatch:load', ({ cache, keys, durationMs, error }) =>
  console.log(cache, 'load', ...keys, durationMs < 10_000 ? 'fast' : 'slow', error ?? 'ok'),
);
on('pgcachewatch:drop', ({ cache, key, cause, change }) =>
  console.log(cache, 'drop', key, cause, change?.operation, change?.table),
);
on('pgcachewatch:gap', ({ cache, gap, entries }) => console.log(cache, 'gap', gap.reason, entries));

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['orders'] });
await source.start();

const getOrder = cache(
  async (id: number) => (await db.query('select status from orders where id = $1', [id])).rows[0],
  { source, name: 'getOrder', dependsOn: (id) => [row('orders', { id })] },
);

await getOrder(42);
await getOrder(42);
await db.query("update orders set status = 'paid' where id = 42");
await source.caughtUp();

await source.close();
await db.end();

// Prints:
// getOrder miss 42
// getOrder load 42 fast ok
// getOrder hit 42
// getOrder drop 42 change update orders
