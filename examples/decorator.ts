// Needs: create table users (id int primary key, name text not null); insert into users values (1, 'Ada')
// Needs: npx pgcachewatch install users --commit
import pg from 'pg';
import { type ChangeSource, cached, cacheOf, createSource, greedy, row } from 'pgcachewatch';

class Users {
  readonly db: pg.Pool;
  readonly source: ChangeSource;

  constructor(db: pg.Pool, source: ChangeSource) {
    this.db = db;
    this.source = source;
  }

  @cached({
    source: (self: Users) => self.source, // or a source itself, where there is one when the class is made
    strategy: greedy({ predicate: (change) => change.operation === 'update' }),
    dependsOn: (id: number) => [row('users', { id })],
  })
  async nameOf(id: number): Promise<string | undefined> {
    const { rows } = await this.db.query('select name from users where id = $1', [id]);
    return rows[0]?.name;
  }
}

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['users'] });
await source.start();

const users = new Users(db, source);
console.log(await users.nameOf(1), await users.nameOf(1));
await db.query("update users set name = 'Ada Lovelace' where id = 1");
const nameOf = cacheOf(users, 'nameOf'); // what cache() returns, for the method of one object
console.log(await nameOf.fresh(1));
await db.query('delete from users where id = 1'); // not an update
console.log(await nameOf.fresh(1), nameOf.statistics.hits, nameOf.statistics.misses);

await source.close();
await db.end();

// Prints:
// Ada Ada
// Ada Lovelace
// Ada Lovelace 2 2
