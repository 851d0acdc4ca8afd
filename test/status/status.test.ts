import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { freePort } from '../../src/demo/free-port.js';
import { serverUser } from '../../src/demo/run-as.js';
import { connect } from '../../src/sources/connection.js';
import { readStatus } from '../../src/status/read-status.js';
import type { Status } from '../../src/status/status.js';
import { cli, start } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

async function statusOf(url = db.url): Promise<Status> {
  const client = await connect(url, 'status test');
  try {
    return await readStatus(client);
  } finally {
    await client.end();
  }
}

/** The lines of a section. */
function section(out: string, title: string): string[] {
  const [, body = ''] = new RegExp(`^${title}.*\\n((?: {2}.*\\n)*)`, 'm').exec(out) ?? [];
  return body
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim().replace(/ {2,}/g, '  '));
}

test('where nothing is installed, it says so', async () => {
  const { status, out, err } = await cli('status', '--url', db.url);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^PostgreSQL \S+, primary, database test_\w+, role \w+, wal_level logical\n/);
  for (const title of ['Triggers', 'Publications', 'Replication slots']) {
    expect(section(out, title)).toEqual(['none']);
  }
  expect(section(out, 'Connections of sources')).toEqual(['none by that name']);
  expect(section(out, 'Notification queue')).toEqual([expect.stringMatching(/^0(\.\d\d)? % in use$/)]);
  expect(await statusOf()).toMatchObject({ triggerFunction: 'missing', unseen: [] });
});

describe('what is installed', () => {
  beforeAll(async () => {
    await db.query(`
      create table orders (id int primary key);
      create table "Odd Name" (a int, b text, primary key (a, b));
      create table events (day int, id int, primary key (day, id)) partition by range (day);
      create table events_1 partition of events for values from (1) to (2);
      create table events_2 partition of events for values from (2) to (3);
    `);
    const install = (...args: string[]) => cli('install', ...args, '--commit', '--url', db.url);
    await install('orders', '--mode', 'both');
    await install(
      '"Odd Name"',
      'events',
      '--level',
      'row',
      '--channel',
      'other',
      '--always',
      '--max-rows',
      '5',
    );
    await db.query('create publication foreign_one for table orders with (publish = insert)');
  });

  test('is told table by table: level, key and channel; a tree is one', async () => {
    const { out } = await cli('status', '--url', db.url);
    expect(section(out, 'Triggers')).toEqual([
      'table  level  key  channel',
      'public."Odd Name"  row  a, b  other  always',
      'public.events  row  day, id  other  3 tables of the tree, always',
      'public.orders  key  id  ch_pgcachewatch_table_change',
    ]);
    expect(section(out, 'Publications')).toEqual([
      'publication  of  tells  tables',
      'pgcachewatch  pgcachewatch  insert, update, delete, truncate  public.orders',
      'foreign_one  others  insert  public.orders',
    ]);
    expect(await statusOf()).toMatchObject({
      triggerFunction: 'current',
      triggers: [{ max_rows: 5 }, { tables: 3 }, { max_rows: 1000, complete: true, always: false }],
    });
  });

  test('what is not whole any more is told: a trigger is gone, or off, or the function is another', async () => {
    await db.query(
      'begin; alter table orders disable trigger pgcachewatch_row; alter table events_2 disable trigger all',
    );
    const own = await db.client();
    await db.query('commit');
    const broken = await cli('status', '--url', db.url);
    expect(section(broken.out, 'Triggers').slice(1)).toEqual([
      'public."Odd Name"  row  a, b  other  always',
      'public.events  row  day, id  other  2 tables of the tree, always',
      'public.events  row  day, id  other  incomplete: install again',
      'public.orders  key  id  ch_pgcachewatch_table_change  incomplete: install again',
    ]);
    await own.query('alter function pgcachewatch.notify_row() set search_path = public');
    expect((await cli('status', '--url', db.url)).out).toMatch(
      /^Triggers, .* \(the function is of another version: install again\)$/m,
    );
    await cli('install', 'orders', '--commit', '--url', db.url);
    await cli(
      'install',
      'events',
      '--level',
      'row',
      '--channel',
      'other',
      '--always',
      '--max-rows',
      '5',
      '--commit',
      '--url',
      db.url,
    );
    expect(await statusOf()).toMatchObject({
      triggerFunction: 'current',
      triggers: [{}, { complete: true, tables: 3 }, { complete: true }],
    });
  });
});

describe('who listens', () => {
  test('is told by name: connections, and slots with their readers, lag and WAL', async () => {
    const notify = start(['listen', '--mode', 'notify', '--url', db.url]);
    const replication = start(['listen', '--mode', 'replication', '--url', db.url]);
    await Promise.all([notify.said('live:'), replication.said('live:')]);
    const { slots, connections } = await statusOf();
    expect(connections?.map(({ application }) => application)).toEqual([
      'pgcachewatch gate',
      'pgcachewatch notify',
      'pgcachewatch replication',
    ]);
    const reader = connections?.find(({ application }) => application === 'pgcachewatch replication');
    expect(slots).toEqual([
      expect.objectContaining({
        name: expect.stringMatching(/^pgcachewatch_[0-9a-f]{16}$/),
        ours: true,
        temporary: true,
        pid: reader?.pid,
        application: 'pgcachewatch replication',
        role: new URL(db.url).username,
        wal_status: 'reserved',
        lag_bytes: expect.any(Number),
        held_bytes: expect.any(Number),
      }),
    ]);
    const { out } = await cli('status', '--url', db.url);
    expect(section(out, 'Replication slots')[1]).toMatch(
      /^pgcachewatch_\w+ {2}temporary {2}[\d.]+ \w?B {2}[\d.]+ \w?B {2}reserved {2}pgcachewatch replication, process \d+ of \w+/,
    );
    for (const each of [notify, replication]) each.interrupt();
    await Promise.all([notify.ended, replication.ended]);
  });

  test('a slot that nobody reads shows what it keeps, and that it is perhaps not ours', async () => {
    await db.query("select pg_create_logical_replication_slot('shop', 'pgoutput')");
    await db.query("select pg_create_logical_replication_slot('pgcachewatch_shop', 'pgoutput')");
    await db.query("create table filler as select repeat('x', 1000) as line from generate_series(1, 3000)");
    const { slots } = await statusOf();
    expect(slots).toMatchObject([
      { name: 'pgcachewatch_shop', ours: true, temporary: false, pid: null },
      { name: 'shop', ours: false },
    ]);
    for (const { lag_bytes, held_bytes } of slots ?? []) {
      expect(lag_bytes).toBeGreaterThan(3_000_000);
      expect(held_bytes).toBeGreaterThanOrEqual(lag_bytes ?? 0);
    }
    const { out } = await cli('status', '--url', db.url);
    const [, ours, other] = section(out, 'Replication slots \\(WAL is kept without limit\\)');
    expect(ours).toMatch(
      /^pgcachewatch_shop {2}durable {2}[\d.]+ [MG]B {2}[\d.]+ [MG]B {2}reserved {2}nobody(?! .*perhaps)/,
    );
    expect(other).toMatch(/^shop .* nobody.* \(perhaps not of pgcachewatch\)$/);
    await db.query(
      "select pg_drop_replication_slot(name) from unnest('{shop,pgcachewatch_shop}'::name[]) as name",
    );
  });
});

describe('an ordinary role', () => {
  const role = `plain_${process.pid}`;
  let url: URL;
  beforeAll(async () => {
    await db.query(`create role ${role} login password 'plain'`);
    url = new URL(db.url);
    url.username = role;
    url.password = 'plain';
  });
  afterAll(async () => {
    await db.query(`drop owned by ${role}; drop role ${role}`);
  });

  test('sees the same, but for other roles’ addresses and times, and is told so', async () => {
    const listening = start(['listen', '--mode', 'notify', '--url', db.url]);
    await listening.said('live:');
    const { status, out, err } = await cli('status', '--url', url.href);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(section(out, 'Triggers')).toHaveLength(4);
    expect(section(out, 'Connections')[1]).toMatch(/^pgcachewatch notify .*not to be seen by this role$/);
    expect(section(out, 'Not to be seen')).toEqual([
      `addresses and times of other roles' processes: role ${role} is no pg_read_all_stats`,
    ]);
    listening.interrupt();
    await listening.ended;
  });

  test('is told what it may not see, and sees the rest', async ({ onTestFinished }) => {
    onTestFinished(async () => {
      await db.query('grant execute on function pg_notification_queue_usage() to public');
      await db.query('grant select on pg_replication_slots, pg_publication_tables to public');
    });
    await db.query('revoke execute on function pg_notification_queue_usage() from public');
    await db.query('revoke select on pg_replication_slots, pg_publication_tables from public');
    const { status, out } = await cli('status', '--url', url.href);
    expect(status).toBe(0);
    expect(section(out, 'Triggers')).toHaveLength(4);
    for (const title of ['Publications', 'Replication slots', 'Notification queue']) {
      expect(section(out, title)).toEqual(['not to be seen by this role']);
    }
    expect(section(out, 'Not to be seen')).toEqual([
      'publications: permission denied for view pg_publication_tables',
      'replication slots: permission denied for view pg_replication_slots',
      'the notification queue: permission denied for function pg_notification_queue_usage',
    ]);
  });

  test('may be confined to reading, and to a search_path of somebody else’s', async () => {
    await db.query(`
      create schema hostile;
      create function hostile.format(text, name, name) returns text language sql as 'select 1/0 || $1';
      create view hostile.pg_publication as select 1 as pubname;
    `);
    for (const setting of ['default_transaction_read_only = on', 'search_path = hostile, pg_catalog']) {
      await db.query(`alter role ${role} in database ${db.name} set ${setting}`);
    }
    const { status, out } = await cli('status', '--url', url.href);
    expect(status).toBe(0);
    expect(section(out, 'Triggers')).toHaveLength(4);
    expect(section(out, 'Publications')).toHaveLength(3);
  });
});

describe.skipIf(inject('serverPackage') === null)('a standby', () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer({ packageName: inject('serverPackage') ?? undefined });
    const url = ['--url', server.url];
    const client = await connect(server.url, 'status test');
    await client.query('create table public.orders (id int primary key)');
    await cli('install', 'orders', '--mode', 'both', '--commit', ...url);
    await client.query("select pg_create_logical_replication_slot('pgcachewatch_shop', 'pgoutput')");
    await client.end();
    await writeFile(path.join(server.folder, 'data/standby.signal'), '');
    await server.restart();
  }, 60_000);
  afterAll(() => server.stop());

  test('can be asked, too', async () => {
    const { status, out, err } = await cli('status', '--url', server.url);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^PostgreSQL .*, standby, /);
    expect(section(out, 'Triggers')).toHaveLength(2);
    expect(section(out, 'Publications')).toHaveLength(2);
    expect(section(out, 'Replication slots')[1]).toMatch(/^pgcachewatch_shop {2}durable {2}[\d.]+ \w?B /);
    expect(section(out, 'Not to be seen')).toEqual([]);
  });

  test('--watch goes on when the server is away and comes back', async () => {
    const watching = start(['status', '--watch', '0.1', '--url', server.url]);
    await watching.said(/(PostgreSQL.*){2}/s);
    await server.kill('SIGQUIT');
    await watching.said(/^error: /m);
    const said = watching.out.length;
    await server.start();
    await until(() => watching.out.length > said, 'the status is shown again');
    watching.interrupt();
    expect(await watching.ended).toMatchObject({ status: 0 });
  });
});

test('--watch --json is one object a line; what is no number of seconds is no command line', async () => {
  const watching = start(['status', '--watch', '0.1', '--json', '--url', db.url]);
  await watching.said(/\n.*\n/);
  watching.interrupt();
  const { status, out } = await watching.ended;
  expect(status).toBe(0);
  for (const line of out.trimEnd().split('\n'))
    expect(JSON.parse(line)).toHaveProperty('server.database', db.name);
  for (const seconds of ['0', 'soon', '-1', '1e9']) {
    expect(await cli('status', `--watch=${seconds}`)).toMatchObject({ status: 2, out: '' });
  }
});

test('--watch fails where the first cannot be read', async () => {
  const url = new URL(db.url);
  url.port = '1';
  expect(await cli('status', '--watch', '--url', url.href)).toMatchObject({
    status: 1,
    err: expect.stringMatching(/^error: .*\nremedy: .*\n$/),
  });
});

describe.skipIf(spawnSync('pgbouncer', ['--version']).status !== 0)('through PgBouncer', () => {
  let bouncer: ChildProcess;
  let folder: string;
  let url: URL;
  beforeAll(async () => {
    const user = serverUser();
    folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-pgbouncer-'));
    const server = new URL(db.url);
    url = new URL(db.url);
    url.port = String(await freePort());
    const settings = [
      '[databases]',
      `* = host=${server.hostname} port=${server.port} user=${server.username} password=${server.password}`,
      '[pgbouncer]',
      `listen_addr = ${server.hostname}`,
      `listen_port = ${url.port}`,
      'auth_type = any',
      'pool_mode = transaction',
      'unix_socket_dir =',
    ];
    await writeFile(path.join(folder, 'pgbouncer.ini'), settings.join('\n'));
    if (user !== null) await chown(folder, user.uid, user.gid);
    bouncer = spawn('pgbouncer', [path.join(folder, 'pgbouncer.ini')], { ...user, stdio: 'ignore' });
    await until(
      () =>
        connect(url.href, 'test').then(
          (client) => client.end().then(() => true),
          () => false,
        ),
      'PgBouncer listens',
    );
  });
  afterAll(async () => {
    bouncer.kill();
    await rm(folder, { recursive: true, force: true });
  });

  test('in transaction mode, the status is the same', async () => {
    const through = await statusOf(url.href);
    const direct = await statusOf();
    // What other tests do at the same time is to be seen in these.
    const apart = { at: null, notificationQueue: null };
    expect({ ...through, ...apart }).toEqual({ ...direct, ...apart });
  });
});
