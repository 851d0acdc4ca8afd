import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSource } from '../../../src/index.js';
import { sessionOf } from '../../../src/sources/connection/session.js';
import { connect, disconnect } from '../../../src/sources/connection.js';
import { cli } from '../../support/cli.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../../support/pgbouncer.js';

/** Behind a pooler that lends a process of the server to one client after the other. */
describe.skipIf(findPgBouncer() === null)('in a pool of transactions', () => {
  let db: TestDatabase;
  let pool: PgBouncer;

  beforeAll(async () => {
    db = await createDatabase();
    await db.query(`create schema app; create table app.orders (id int primary key);
      alter database ${escapeIdentifier(db.name)} set search_path = app`);
    pool = await startPgBouncer(db.url);
  });
  afterAll(async () => {
    await pool.stop();
    await db.drop();
  });

  const settings = [
    'search_path',
    'timezone',
    'statement_timeout',
    'lock_timeout',
    'synchronous_commit',
    'jit',
  ];
  /** Of the process that a stranger is lent; the pool has one, for nobody else asks at the same time. */
  const lent = async (): Promise<unknown> => {
    const stranger = new Client({ connectionString: pool.url });
    await stranger.connect();
    const { rows } = await stranger.query(
      'select pg_backend_pid() as pid, name, setting from pg_settings where lower(name) = any ($1) order by name',
      [settings],
    );
    await stranger.end();
    return rows;
  };

  test('every query of ours is under our settings, and nobody is left with them', async () => {
    const before = await lent();
    const client = await connect(pool.url, 'test');
    expect(sessionOf(client)?.isShared).toBe(true);
    const show = () => client.query('show search_path');
    expect((await show()).rows).toEqual([{ search_path: 'pg_catalog, pg_temp' }]);
    expect(await lent()).toEqual(before);
    await expect(client.query('select 1/0')).rejects.toThrow('division by zero');
    expect((await show()).rows).toEqual([{ search_path: 'pg_catalog, pg_temp' }]);
    const both = await Promise.all([show(), client.query('select $1::int as n', [5])]);
    expect(both.map(({ rows }) => rows)).toEqual([[{ search_path: 'pg_catalog, pg_temp' }], [{ n: 5 }]]);
    expect(await lent()).toEqual(before);
    await disconnect(client);
  });

  test('commands work, look up names on the user’s path, and leave no settings behind', async () => {
    const before = await lent();
    const url = ['--url', pool.url];
    const installed = await cli('install', 'orders', '--mode', 'both', '--commit', ...url);
    expect(installed).toMatchObject({ status: 0, out: expect.stringContaining('watch app.orders') });
    expect((await cli('status', ...url)).status).toBe(0);
    expect((await cli('doctor', 'orders', ...url)).out).toContain('app.orders');
    expect(await lent()).toEqual(before);
  });

  test('a source by notifications is refused, and leaves no settings behind', async () => {
    const before = await lent();
    const source = createSource({ mode: 'notify', connection: pool.url, silenceLimitMs: 1_000 });
    await expect(source.start()).rejects.toThrow(expect.objectContaining({ code: 'NOT_DELIVERED' }));
    await source.close();
    expect(await lent()).toEqual(before);
    expect((await db.query('select pg_listening_channels()')).rows).toEqual([]);
  });
});
