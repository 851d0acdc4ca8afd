import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { type ChangeSource, cache, createSource, row, type SourceOptions } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { silentLogger } from '../../src/logger.js';
import { recording } from '../conformance/record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));
vi.setConfig({ testTimeout: 60_000 });

const PATIENCE_MS = 30_000;

const TABLES = `
  create type mood as enum ('calm', 'cross');
  create table moods (mood mood primary key, v text);
  insert into moods values ('calm', 'old');
  create table t (id int primary key, v text);
  insert into t values (1, 'old');
  create table other (id int primary key)`;

let db: TestDatabase;
let source: ChangeSource | undefined;
beforeEach(async () => {
  db = await createDatabase();
  await db.query(TABLES);
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  await db.drop();
});

async function install(mode: 'notify' | 'replication', ...tables: string[]): Promise<void> {
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables, mode }));
}

async function started(options: SourceOptions) {
  source = createSource({ connection: db.url, silenceLimitMs: 700, logger: { ...silentLogger }, ...options });
  const recorded = recording(source);
  await source.start();
  return { ...recorded, source };
}

/** The value of a row, and a cache of it. */
function cached(of: ChangeSource, table: string, column: string, key: unknown) {
  const read = async (): Promise<unknown> =>
    (await db.query(`select v from ${table} where ${column} = $1`, [key])).rows[0]?.v;
  return { read, get: cache(read, { source: of, dependsOn: [row(table, { [column]: key })] }) };
}

/** What an open transaction has written is seen in the end, whatever was cached before it committed. */
async function expectSeen(
  of: ChangeSource,
  { get, read }: ReturnType<typeof cached>,
  commit: () => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < 3; i++) await get();
  await commit();
  await of.caughtUp();
  await until(async () => (await get()) === 'new', 'the new value', PATIENCE_MS);
  expect(await read()).toBe('new');
  // And once nothing is in the way, it is kept.
  await until(
    async () => (await get()) === 'new' && get.explain().status === 'cached',
    'a value that is kept',
  );
}

test('a process that begins on a durable slot keeps nothing of a table that a writer is open on since before it was published', async () => {
  const replication = { slot: { name: `slot_of_${db.name}` } };
  await install('replication', 'other');
  await started({ mode: 'replication', replication });
  await source?.close();
  const writer = await db.client();
  await writer.query(`begin; update t set v = 'new'`);
  await install('replication', 't');
  const { source: begun, gaps } = await started({ mode: 'replication', replication });
  expect(gaps).toMatchObject([{ reason: 'unwatched' }]);
  expect([...begun.watched.unsettled].map(({ table }) => table)).toEqual(['t']);
  await expectSeen(begun, cached(begun, 't', 'id', 1), () => writer.query('commit'));
});

test('a temporary slot begins when all have ended that wrote before: nothing has to be waited for afterwards', async () => {
  await install('replication', 'other', 't');
  const { source: begun, gaps } = await started({ mode: 'replication' });
  expect([begun.watched.unsettled.size, gaps]).toEqual([0, []]);
});

test('a process that begins keeps nothing of a table whose enum was renamed under an open writer', async () => {
  await install('notify', 'moods');
  const writer = await db.client();
  await writer.query(`begin; update moods set v = 'new'`);
  await db.query(`alter type mood rename value 'calm' to 'numb'`);
  const { source: begun } = await started({ mode: 'notify' });
  await expectSeen(begun, cached(begun, 'moods', 'mood', 'numb'), () => writer.query('commit'));
});

test('what was altered while the connection was lost, under a writer that is still open, is waited for', async () => {
  await install('notify', 'moods');
  const { source: begun, states } = await started({ mode: 'notify' });
  const writer = await db.client();
  await writer.query(`begin; update moods set v = 'new'`);
  await db.query(`alter type mood rename value 'calm' to 'numb'`);
  await db.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
     where datname = current_database() and application_name like 'pgcachewatch%'`,
  );
  await until(() => states.includes('interrupted') && begun.state === 'live', 'live again', PATIENCE_MS);
  await expectSeen(begun, cached(begun, 'moods', 'mood', 'numb'), () => writer.query('commit'));
});

test('a prepared transaction is waited for as any other', async ({ skip }) => {
  const packageName = inject('serverPackage');
  if (packageName === null) return skip('the server is not one of our own');
  const server = await startEmbeddedServer({ packageName, settings: { max_prepared_transactions: '5' } });
  try {
    await db.drop();
    db = await createDatabase(server.url);
    await db.query(TABLES);
    await install('replication', 'other');
    const { source: begun } = await started({ mode: 'replication' });
    const writer = await db.client();
    await writer.query(`begin; update t set v = 'new'`);
    await install('replication', 't');
    await until(() => begun.watched.unsettled.size === 1, 'the table is known, and not settled', PATIENCE_MS);
    await writer.query(`prepare transaction 'ours'`);
    await expectSeen(begun, cached(begun, 't', 'id', 1), () => db.query(`commit prepared 'ours'`));
    await begun.close();
    await db.drop();
  } finally {
    await server.stop();
    db = await createDatabase();
  }
});

test('caughtUp() waits for the catalog check that an unknown name has started', async () => {
  // As PGCacheWatch installs them: a notification names the table, and nothing else.
  await db.query(`
    create function announce() returns trigger language plpgsql as $$
    begin
      perform pg_notify('ch_pgcachewatch_table_change', json_build_object(
        'operation', lower(tg_op), 'table', tg_table_name, 'sent_at', now(), 'type', 'table-change')::text);
      return null;
    end $$;
    create trigger announce after insert or update or delete or truncate on t execute function announce()`);
  // Without catalog checks of its own.
  const { source: begun } = await started({ mode: 'notify', silenceLimitMs: 60_000 });
  const { get } = cached(begun, 't', 'id', 1);
  expect([await get(), await get()]).toEqual(['old', 'old']);
  await db.query('begin; alter table t rename to t2; create view t as select * from t2; commit');
  await db.query(`update t set v = 'new'`);
  await begun.caughtUp();
  expect(await get()).toBe('new');
});
