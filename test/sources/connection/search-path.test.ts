import { type Client, escapeIdentifier, escapeLiteral, Client as PgClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSource } from '../../../src/index.js';
import { readLookupSchemas } from '../../../src/sources/connection/lookup-schemas.js';
import { parseSearchPath } from '../../../src/sources/connection/search-path.js';
import { connect, disconnect } from '../../../src/sources/connection.js';
import { cli } from '../../support/cli.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

/** A bare name means the table that it means to the user, although our sessions have a search path of their own. */

let db: TestDatabase;
let role: string;
let asRole: URL;

beforeAll(async () => {
  db = await createDatabase();
  role = `Odd ${db.name.slice(-8)}`;
  const name = escapeIdentifier(role);
  await db.query(`
    create role ${name} login password 'p';
    grant create on schema public to public;
    create schema sales; create schema "Odd, ""Schema"; create schema closed; create schema ${name};
    grant usage on schema sales, "Odd, ""Schema", ${name} to ${name};
    create table sales.orders (id int primary key);
    create table public.orders (id int primary key);
    create table ${name}.orders (id int primary key);
  `);
  asRole = new URL(db.url);
  asRole.username = encodeURIComponent(role);
  asRole.password = 'p';
});
afterAll(async () => {
  const name = escapeIdentifier(role);
  await db.query(`drop owned by ${name} cascade; drop schema ${name} cascade; drop role ${name}`);
  await db.drop();
});

test.each([
  ['"$user", public', ['$user', 'public']],
  ['Sales,PUBLIC', ['sales', 'public']],
  ['"Odd, ""Schema" , x', ['Odd, "Schema', 'x']],
  ['""', ['']],
  ['', []],
  ['$user', ['$user']],
])('the value %s holds the names %j', (value, names) => {
  expect(parseSearchPath(value)).toEqual(names);
});

describe.each([
  false,
  true,
])('where bare names are looked up, is what the server has (temporary tables: %s)', (temporary) => {
  test.each([
    '"$user", public',
    'public, "$user"',
    'sales, nowhere, closed, public',
    '"Odd, ""Schema", Sales',
    'public, pg_catalog',
    'pg_temp, public, pg_catalog',
    'sales, pg_temp, sales',
    '""',
    'pg_catalog',
  ])('%s', async (value) => {
    const client = new PgClient({ connectionString: asRole.href });
    await client.connect();
    if (temporary) await client.query('create temporary table t ()');
    await client.query("select set_config('search_path', $1, false)", [value]);
    const { rows } = await client.query('select current_schemas(true)::text[] as schemas');
    expect(await readLookupSchemas(client)).toEqual(rows[0]?.schemas);
    await client.end();
  });
});

/** The ways to have a search path that is not the default. */
const ways: readonly {
  way: string;
  set: (path: string) => Promise<unknown>;
  url: (path: string) => string;
}[] = [
  {
    way: 'of the connection',
    set: () => Promise.resolve(),
    url: (path) => `${db.url}?options=${encodeURIComponent(`-c search_path=${path}`)}`,
  },
  {
    way: 'of the database',
    set: (path) => db.query(`alter database ${escapeIdentifier(db.name)} set search_path = ${path}`),
    url: () => db.url,
  },
  {
    way: 'of the role in the database',
    set: (path) =>
      db.query(
        `alter role ${escapeIdentifier(new URL(db.url).username)} in database ${escapeIdentifier(db.name)} set search_path = ${path}`,
      ),
    url: () => db.url,
  },
];

describe.each(ways)('the search path $way', ({ set, url }) => {
  let client: Client;
  beforeAll(async () => {
    await set('sales');
    client = await connect(url('sales'), 'test');
  });
  afterAll(async () => {
    await disconnect(client);
    await db.query(`
      alter database ${escapeIdentifier(db.name)} reset search_path;
      alter role ${escapeIdentifier(new URL(db.url).username)} in database ${escapeIdentifier(db.name)} reset search_path`);
  });

  test('is not that of our sessions, which look up nothing of theirs on it', async () => {
    const { rows } = await client.query('show search_path');
    expect(rows).toEqual([{ search_path: 'pg_catalog, pg_temp' }]);
    expect(await readLookupSchemas(client)).toEqual(['pg_catalog', 'sales']);
  });

  test('is what commands and sources look up bare names on', async () => {
    const target = ['--url', url('sales')];
    const installed = await cli('install', 'orders', '--mode', 'both', '--commit', ...target);
    expect(installed.out).toContain('watch sales.orders');
    expect((await cli('install', 'ordrs', ...target)).err).toMatch(/ or orders or public\.orders\?/);
    expect((await cli('doctor', 'orders', ...target)).out).toContain('sales.orders');
    for (const mode of ['notify', 'replication'] as const) {
      const source = createSource({ connection: url('sales'), mode, tables: ['orders'] });
      await source.start();
      expect([...source.watched].map(({ schema, visible }) => [schema, visible])).toEqual([['sales', true]]);
      await source.close();
    }
    await cli('uninstall', '--commit', ...target);
  });
});

test('a schema that is made later comes to be looked into, without a new session', async () => {
  const client = await connect(
    `${db.url}?options=${encodeURIComponent('-c search_path=later,public')}`,
    'test',
  );
  expect(await readLookupSchemas(client)).toEqual(['pg_catalog', 'public']);
  await db.query(
    `create schema ${escapeIdentifier('later')}; comment on schema later is ${escapeLiteral('x')}`,
  );
  expect(await readLookupSchemas(client)).toEqual(['pg_catalog', 'later', 'public']);
  await disconnect(client);
});
