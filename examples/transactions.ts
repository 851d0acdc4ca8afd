// Needs: create table accounts (id int primary key, balance int not null); insert into accounts values (1, 100)
// Needs: npx pgcachewatch install accounts --commit
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { cache, createSource, row, uncached } from 'pgcachewatch';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['accounts'] });
await source.start();

/** The connection of the transaction that the code runs in, if it does. */
const current = new AsyncLocalStorage<pg.PoolClient>();
const query = (text: string, values: unknown[] = []) => (current.getStore() ?? pool).query(text, values);

/** Within it, cached functions read what the transaction sees, and keep nothing of that. */
async function transaction<T>(work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await current.run(client, () => uncached(work));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {}); // with its connection, a transaction is gone as well
    throw error;
  } finally {
    client.release();
  }
}

const getBalance = cache(
  async (id: number): Promise<number> =>
    (await query('select balance from accounts where id = $1', [id])).rows[0].balance,
  { source, dependsOn: (id) => [row('accounts', { id })] },
);

const withdraw = (amount: number) =>
  transaction(async () => {
    await query('update accounts set balance = balance - $1 where id = 1', [amount]);
    console.log('inside:', await getBalance(1));
    if ((await getBalance(1)) < 0) throw new Error('That is more than there is');
  });

console.log('before:', await getBalance(1));
await withdraw(500).catch((error) => console.log(error.message));
console.log('rolled back:', await getBalance(1), 'hits:', getBalance.statistics.hits);
await withdraw(30);
console.log('committed:', await getBalance.fresh(1), 'bypasses:', getBalance.statistics.bypasses);

await source.close();
await pool.end();

// Prints:
// before: 100
// inside: -400
// That is more than there is
// rolled back: 100 hits: 1
// inside: 70
// committed: 70 bypasses: 4
