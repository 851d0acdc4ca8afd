// Needs: create table orders (id int primary key, status text)
// Needs: npx pgcachewatch install orders --commit
import pg from 'pg';
import { anyOf, cache, createSource, greedy, timed, windowed } from 'pgcachewatch';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['orders'] });
await source.start();

const minute = 60_000;
const strategies = {
  greedy: greedy(),
  timed: timed({ intervalMs: minute }),
  windowed: windowed({ size: 2, maxWaitMs: minute }),
  // Deletes at once, the others at most once a minute.
  anyOf: anyOf(
    greedy({ predicate: (change) => change.operation === 'delete' }),
    timed({ intervalMs: minute }),
  ),
  // As in PGCacheWatch, which has no bound: without maxWaitMs, and without trailing.
  sequence: windowed({ sequence: ['insert', 'update'] }),
  interval: timed({ intervalMs: minute, trailing: false }),
};

async function countOrders(): Promise<number> {
  return (await db.query('select count(*)::int as n from orders')).rows[0].n;
}

// Without dependsOn, a value depends on every watched table: as in PGCacheWatch, a drop empties the cache.
const caches = Object.entries(strategies).map(([name, strategy]) =>
  cache(countOrders, { source, strategy, name }),
);

for (const write of [
  "insert into orders values (1, 'new')",
  "update orders set status = 'paid'",
  'delete from orders',
]) {
  await Promise.all(caches.map((count) => count()));
  await db.query(write);
  await source.caughtUp();
  const dropped = caches.filter((count) => count.peek() === undefined).map(({ name }) => name);
  console.log(`${write.slice(0, 6)}: ${dropped.join(', ')}`);
}

await source.close();
await db.end();

// Prints:
// insert: greedy, timed, anyOf
// update: greedy, windowed, sequence
// delete: greedy, anyOf
