// Needs: create table users (id int primary key, name text not null); insert into users values (1, 'Ada')
// Needs: npx pgcachewatch install users --commit
import fastify from 'fastify';
import pg from 'pg';
import { cache, createSource, greedy, row, statisticsOf } from 'pgcachewatch';

const db = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const source = createSource({ tables: ['users'] });

const getUser = cache(
  async (id: number): Promise<{ id: number; name: string }> => {
    const { rows } = await db.query('select id, name from users where id = $1', [id]);
    // Thrown, and so not kept: an insert, to which the predicate is deaf, would not drop a cached "none".
    if (rows.length === 0) throw Object.assign(new Error(`There is no user ${id}`), { statusCode: 404 });
    return rows[0];
  },
  {
    source,
    name: 'getUser',
    // Nor does a delete drop anything: right where users are never deleted, and wrong elsewhere.
    strategy: greedy({ predicate: (change) => change.operation === 'update' }),
    dependsOn: (id) => [row('users', { id })],
  },
);

const app = fastify();
// The service boots without the database, too; until the source is live, every call goes there.
app.addHook('onReady', () => source.start({ wait: false }));
app.addHook('onClose', async () => {
  await source.close();
  await db.end();
});
const querystring = { type: 'object', required: ['user_id'], properties: { user_id: { type: 'integer' } } };
app.get<{ Querystring: { user_id: number } }>('/data', { schema: { querystring } }, ({ query }) =>
  getUser(query.user_id),
);
app.get('/statistics', () => {
  const { hits, misses, invalidations } = statisticsOf(source).total;
  return { hits, misses, dropped: invalidations.change };
});

// What its clients would do:
const url = await app.listen({ port: 0 });
await source.caughtUp(); // live by then, so that this prints the same every time
const get = async (path: string) => console.log(await (await fetch(url + path)).text());
await get('/data?user_id=1');
await get('/data?user_id=1');
await db.query("update users set name = 'Ada Lovelace' where id = 1");
await source.caughtUp();
await get('/data?user_id=1');
await get('/data?user_id=2');
await get('/statistics');
await app.close();

// Prints:
// {"id":1,"name":"Ada"}
// {"id":1,"name":"Ada"}
// {"id":1,"name":"Ada Lovelace"}
// {"statusCode":404,"error":"Not Found","message":"There is no user 2"}
// {"hits":1,"misses":3,"dropped":1}
