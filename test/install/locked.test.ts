import type { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { commitPlan, type InstallOptions, planInstall, planUninstall } from '../../src/install/index.js';
import { cli } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { fingerprint } from './catalog.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.query(`create table free (id int primary key); create table busy (id int primary key);
    create table bare (id int)`);
});
afterAll(() => db.drop());

/** The error of a run that has to give up in time, and to change nothing. */
async function givingUp(
  client: Client,
  lockTimeoutMs: number,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const before = await fingerprint(db);
  const started = performance.now();
  const error = await work().catch((thrown: unknown) => thrown);
  const elapsed = performance.now() - started;
  expect(elapsed).toBeGreaterThanOrEqual(lockTimeoutMs - 5);
  expect(elapsed).toBeLessThan(lockTimeoutMs + 1500);
  expect(await fingerprint(db)).toEqual(before);
  const { rows } = await client.query("select current_setting('lock_timeout') as timeout");
  expect(rows).toEqual([{ timeout: '0' }]);
  return error;
}

async function holding(statements: string, work: (pid: number) => Promise<void>): Promise<void> {
  const holder = await db.client();
  await holder.query('set application_name = \'the "holder"\'');
  await holder.query(`begin; ${statements}`);
  const { rows } = await holder.query('select pg_backend_pid() as pid');
  try {
    await work(rows[0].pid);
  } finally {
    await holder.end();
    await until(
      async () =>
        (await db.query('select from pg_stat_activity where pid = $1', [rows[0].pid])).rowCount === 0,
      'the holder has gone',
    );
  }
}

const cases: readonly [string, Partial<InstallOptions>, string, string, string][] = [
  ['a writer', { mode: 'notify' }, 'insert into busy values (1)', 'SHARE ROW EXCLUSIVE', 'RowExclusiveLock'],
  [
    'another change of the schema',
    { mode: 'replication' },
    'lock table busy in share update exclusive mode',
    'SHARE UPDATE EXCLUSIVE',
    'ShareUpdateExclusiveLock',
  ],
  [
    'a mere reader of a table that is made FULL',
    { mode: 'replication', replicaIdentity: 'full' },
    'select from bare',
    'ACCESS EXCLUSIVE',
    'AccessShareLock',
  ],
];

test.each(
  cases,
)('installing gives up in the time set, changes nothing, and names who is in the way: %s', async (_, options, statements, mode, held) => {
  const client = await db.client();
  await holding(statements, async (pid) => {
    const tables = options.replicaIdentity === undefined ? ['free', 'busy'] : ['free', 'bare'];
    // Whose lock is in nobody's way is not named.
    const bystander = await db.client();
    await bystander.query(`begin; select from ${mode === 'ACCESS EXCLUSIVE' ? 'free' : 'busy'}`);
    const plan = await planInstall(client, { tables, mode: 'notify', lockTimeoutMs: 300, ...options });
    const error = await givingUp(client, 300, () => commitPlan(client, plan));
    expect(error).toMatchObject({
      code: 'LOCKED',
      sqlState: '55P03',
      message: expect.stringMatching(
        new RegExp(
          `^Could not lock public\\.(busy|bare) in mode ${mode} within the 300 ms allowed for all locks together\\. ` +
            `Nothing was changed\\. Held by pid ${pid} \\("the .*holder.*", role .+\\) with ${held}, idle in transaction, in a transaction for \\d+\\.\\d s$`,
        ),
      ),
      remedy: expect.stringMatching(new RegExp(`pg_terminate_backend\\(${pid}\\);.*--lock-timeout`)),
    });
    await bystander.end();
    // What the remedy says.
    await db.query('select pg_terminate_backend($1, 5000)', [pid]);
    await commitPlan(client, plan);
    await commitPlan(client, await planUninstall(client));
  });
});

test('uninstalling gives up in the time set, changes nothing, and names who is in the way', async () => {
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: ['free', 'busy'], mode: 'notify' }));
  await holding('select from busy', async (pid) => {
    const plan = await planUninstall(client, { lockTimeoutMs: 200 });
    const error = await givingUp(client, 200, () => commitPlan(client, plan));
    expect(error).toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`Held by pid ${pid} `),
    });
  });
  await commitPlan(client, await planUninstall(client));
});

test('the script gives up in the same time, changes nothing, and leaves the time-out as it was', async () => {
  const client = await db.client();
  const plan = await planInstall(client, { tables: ['free', 'busy'], mode: 'both', lockTimeoutMs: 250 });
  await holding('insert into busy values (2)', async () => {
    expect(await givingUp(client, 250, () => client.query(plan.sql))).toMatchObject({ code: '55P03' });
  });
  await client.query("begin; set local lock_timeout = '7s'");
  await client.query(plan.sql);
  expect((await client.query('show lock_timeout')).rows).toEqual([{ lock_timeout: '7s' }]);
  await client.query('rollback');
});

test('while somebody alters a table, the plan itself gives up in time', async () => {
  const client = await db.client();
  await db.query('create publication theirs for table free, busy');
  await holding('lock table busy in access exclusive mode', async () => {
    const options = {
      tables: ['free'],
      mode: 'replication',
      publication: 'theirs',
      lockTimeoutMs: 200,
    } as const;
    const { rows } = await db.query("select current_setting('server_version_num')::int as version");
    if (rows[0].version < 160_000) return; // Then it opens no table.
    expect(await givingUp(client, 200, () => planInstall(client, options))).toMatchObject({
      code: 'LOCKED',
      remedy: expect.stringContaining('pg_locks'),
    });
  });
  await db.query('drop publication theirs');
});

test('the command says it in an error and a remedy', async () => {
  await holding('insert into busy values (3)', async (pid) => {
    const flags = ['busy', '--lock-timeout', '150', '--commit'];
    const said = await cli('--url', db.url, 'install', ...flags);
    expect(said).toMatchObject({ status: 1, out: '' });
    expect(said.err).toMatch(
      /^lock: it is waited for 150 ms at most; sessions that come later wait as well$/m,
    );
    expect(said.err).toMatch(
      new RegExp(
        `^error: .* within the 150 ms .*\\. Nothing was changed\\. Held by pid ${pid} .*\nremedy: .*$`,
        'm',
      ),
    );
  });
});

test('a statement time-out that is shorter is told from the lock time-out, and nothing is changed', async () => {
  const client = await db.client();
  const plan = await planInstall(client, { tables: ['free', 'busy'], mode: 'notify', lockTimeoutMs: 5000 });
  await holding('insert into busy values (4)', async () => {
    const before = await fingerprint(db);
    await client.query('set statement_timeout = 200');
    await expect(commitPlan(client, plan)).rejects.toMatchObject({
      code: 'SERVER',
      sqlState: '57014',
      message: expect.stringContaining('Nothing was changed'),
      remedy: expect.stringContaining('statement_timeout'),
    });
    expect(await fingerprint(db)).toEqual(before);
  });
});

test('another installation under way is named', async () => {
  const client = await db.client();
  const plan = await planInstall(client, { tables: ['free'], mode: 'notify', lockTimeoutMs: 200 });
  const lock = "select pg_advisory_xact_lock(hashtextextended('pgcachewatch install', 0))";
  await holding(lock, async (pid) => {
    expect(await givingUp(client, 200, () => commitPlan(client, plan))).toMatchObject({
      code: 'LOCKED',
      message: expect.stringMatching(new RegExp(`another installation is under way.* pid ${pid} `)),
    });
  });
});

test('a role that may not look at other sessions is told who, and how long is said to be unknown', async () => {
  const client = await db.client();
  const role = `looker_${db.name}`;
  await db.query(`create role ${role} nosuperuser; grant create on database ${db.name} to ${role};
    create table hers (id int primary key); alter table hers owner to ${role}`);
  try {
    await holding('insert into hers values (1)', async (pid) => {
      await client.query(`set role ${role}`);
      const plan = await planInstall(client, { tables: ['hers'], mode: 'notify', lockTimeoutMs: 100 });
      expect(await givingUp(client, 100, () => commitPlan(client, plan))).toMatchObject({
        code: 'LOCKED',
        message: expect.stringMatching(
          new RegExp(`Held by pid ${pid} \\(.*role .+\\) with RowExclusiveLock$`),
        ),
      });
    });
  } finally {
    await client.query('reset role');
    await db.query(`drop table hers; drop owned by ${role}; drop role ${role}`);
  }
});

test('a prepared transaction that is in the way is named', async (context) => {
  const packageName = inject('serverPackage');
  if (packageName === null) return context.skip();
  const server = await startEmbeddedServer({ packageName, settings: { max_prepared_transactions: '5' } });
  try {
    const own = await createDatabase(server.url);
    const client = await own.client();
    await client.query('create table t (id int primary key)');
    await client.query("begin; insert into t values (1); prepare transaction 'for''gotten'");
    const options = {
      tables: ['t'],
      mode: 'notify',
      allowPreparedTransactions: true,
      lockTimeoutMs: 100,
    } as const;
    await expect(commitPlan(client, await planInstall(client, options))).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('the prepared transaction "for\'gotten" with RowExclusiveLock'),
      remedy: expect.stringContaining("ROLLBACK PREPARED 'for''gotten';"),
    });
    await client.query("rollback prepared 'for''gotten'");
    await own.drop();
  } finally {
    await server.stop();
  }
});

test.each([
  0,
  -1,
  1.5,
  Number.NaN,
  3_600_001,
])('a lock time-out of %d ms is refused', async (lockTimeoutMs) => {
  const client = await db.client();
  await expect(
    planInstall(client, { tables: ['free'], mode: 'notify', lockTimeoutMs }),
  ).rejects.toMatchObject({
    code: 'BAD_OPTION',
    remedy: expect.stringContaining('milliseconds'),
  });
  await expect(planUninstall(client, { lockTimeoutMs })).rejects.toMatchObject({ code: 'BAD_OPTION' });
});
