// Needs: create table users (id int primary key, email text not null, company text)
// Needs: npx pgcachewatch install users --commit
import pg from 'pg';
import { createSource } from 'pgcachewatch';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
await using source = createSource({ tables: ['users'] });
await source.start();

/** Stands for a service elsewhere. */
const companyOf = async (email: string): Promise<string> => email.replace(/^.*@/, '');

/** Completes one user, or, without an id, all that are not complete. Done twice, it does no harm. */
async function enrich(id: unknown = null): Promise<void> {
  const { rows } = await db.query(
    'select id, email from users where company is null and ($1::int is null or id = $1)',
    [id],
  );
  for (const user of rows) {
    const company = await companyOf(user.email);
    await db.query('update users set company = $2 where id = $1 and company is null', [user.id, company]);
    console.log(`user ${user.id} is at ${company}`);
  }
}

async function enrichNewUsers(): Promise<void> {
  const changes = source[Symbol.asyncIterator](); // hears whatever happens from here on …
  await enrich(); // … and this does what there was before
  for (let change = await changes.next(); !change.done; change = await changes.next()) {
    const { operation, key } = change.value;
    // No key: any row of the table may have changed, for example after a lost connection.
    if (operation === 'insert' || key === null) await enrich(key?.id);
    else console.log(`${operation} of user ${key.id}: nothing to do`);
    if (operation === 'update' && key?.id === 2) return; // enough for an example
  }
}

const enriching = enrichNewUsers();
await db.query("insert into users (id, email) values (1, 'ada@engines.test'), (2, 'grace@compilers.test')");
await enriching;
await db.end();

// Prints:
// user 1 is at engines.test
// user 2 is at compilers.test
// update of user 1: nothing to do
// update of user 2: nothing to do
