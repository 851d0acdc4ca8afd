import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { createSource } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { recording } from '../conformance/record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { type Standby, startStandby } from '../support/standby.js';
import { until } from '../support/until.js';
import {
  KINDS,
  modeOf,
  openScenario,
  REPLICATION_KINDS,
  type Scenario,
  type ScenarioOptions,
  TABLES,
} from './scenario.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

const serverPackage = inject('serverPackage');
let scenario: Scenario | undefined;
afterEach(async () => {
  await scenario?.end();
  scenario = undefined;
});

/** The server's URL with the path of the other one. */
const onDatabaseOf = (server: string, database: string): string => {
  const url = new URL(server);
  url.pathname = new URL(database).pathname;
  return url.href;
};

describe.skipIf(serverPackage === null)('a standby', () => {
  let primary: EmbeddedServer;
  let standby: Standby;
  let database: TestDatabase;
  beforeAll(async () => {
    primary = await startEmbeddedServer({ packageName: serverPackage ?? '' });
    database = await createDatabase(primary.url);
    await database.query('create table t (id int primary key)');
    const client = await database.client();
    await commitPlan(client, await planInstall(client, { tables: ['t'], mode: 'both' }));
    standby = await startStandby(primary, serverPackage ?? '', { hot_standby_feedback: 'on' });
  });
  afterAll(async () => {
    await standby?.stop();
    await primary?.stop();
  });

  test.each(KINDS)('is refused at once, with where to go instead: %s', async (kind) => {
    const source = createSource({
      mode: modeOf(kind),
      connection: onDatabaseOf(standby.url, database.url),
      ...(kind === 'replication, durable slot' && { replication: { slot: { name: 'on_a_standby' } } }),
    });
    await expect(source.start()).rejects.toMatchObject({
      code: { notify: 'SERVER', replication: 'STANDBY', auto: 'NO_MODE' }[modeOf(kind)],
      remedy: expect.stringMatching(/connect to (a|the) primary/i),
    });
    expect(source.state).toBe('idle');
    await source.close();
  });
});

// Debian 12 has 1.18, which refuses replication; later ones let it through.
describe.skipIf(findPgBouncer() === null)('a pooler that lets no replication through', () => {
  let pooler: PgBouncer | undefined;
  afterEach(async () => {
    await pooler?.stop();
    pooler = undefined;
  });
  const behind = (kind: Scenario['kind'], options: ScenarioOptions = {}) =>
    openScenario(kind, { isStarted: false, ...options });

  test.each(
    REPLICATION_KINDS,
  )('%s: what waiting will not mend is said, or notify does instead', async (kind) => {
    const s = await behind(kind);
    scenario = s;
    pooler = await startPgBouncer(s.database.url, 'session');
    const recorded = recording(
      createSource({
        mode: modeOf(kind),
        connection: pooler.url,
        silenceLimitMs: 2_000,
        ...(s.isDurable && { replication: { slot: { name: s.slot } } }),
      }),
    );
    try {
      const started = recorded.source.start();
      if (kind === 'auto') {
        await started;
        expect(recorded.source.mode).toBe('notify');
        expect(recorded.source.reasons).toContainEqual(
          expect.objectContaining({
            mode: 'replication',
            met: false,
            remedy: expect.stringContaining('1.23'),
          }),
        );
        await s.query('update t set x = 1 where id = 1');
        expect(await recorded.told()).toHaveLength(1);
      } else {
        await expect(started).rejects.toMatchObject({
          code: 'CONNECTION',
          sqlState: '08P01',
          remedy: expect.stringContaining('PgBouncer 1.23'),
        });
        expect(recorded.source.state).toBe('idle');
      }
    } finally {
      await recorded.source.close();
    }
  });
});

describe('a database', () => {
  const onServer = async (s: Scenario, ...statements: readonly string[]) => {
    const url = new URL(s.database.url);
    url.pathname = '/postgres';
    const client = new Client({ connectionString: url.href });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  /** Nobody may be connected, and the source comes back all the time. */
  const rename = async (s: Scenario, to: string) => {
    const { name } = s.database;
    const isRenamed = () =>
      onServer(
        s,
        `alter database ${name} allow_connections false`,
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`,
        `alter database ${name} rename to ${to}`,
        `alter database ${to} allow_connections true`,
      ).then(
        () => true,
        () => false,
      );
    await until(isRenamed, 'the database to be renamed');
  };

  test.each(
    KINDS,
  )('that is renamed is told with its remedy, and found again under its name: %s', async (kind) => {
    const s = await openScenario(kind);
    scenario = s;
    await s.expectCachesRight();
    const { name } = s.database;
    await rename(s, `${name}_2`);
    const gone = () => s.errors.find((error) => /does not exist/.test(error.message));
    expect(await until(gone, 'the reason')).toMatchObject({
      code: 'CONNECTION',
      sqlState: '3D000',
      remedy: expect.stringContaining('Create the database'),
    });
    expect(s.source.state).not.toBe('live');
    const renamed = new Client({ connectionString: onDatabaseOf(s.database.url, `postgres://x/${name}_2`) });
    await renamed.connect();
    await renamed.query('insert into t values (50, 0); update t set x = 9');
    await renamed.end();
    await onServer(s, `alter database ${name}_2 rename to ${name}`);
    await s.becomes('live');
    await s.expectCachesRight();
    expect(s.gaps.map(({ reason }) => reason)).toEqual(s.isDurable ? [] : ['reconnected']);
    if (s.isDurable) expect(s.heardIds).toContain(50);
    expect(s.errors.length).toBeLessThan(6);
  });

  test("in the place of the one that the durable slot belongs to: refused, for the slot is the other one's", async () => {
    const s = await openScenario('replication, durable slot');
    scenario = s;
    const { name } = s.database;
    await rename(s, `${name}_2`);
    await onServer(s, `create database ${name}`);
    await s.query(TABLES);
    await s.install('t', 'u');
    const { message } = await s.says('SLOT_FOREIGN');
    expect(message).toContain(`${name}_2`);
    await s.expectNothingKept();
    await onServer(s, `select pg_drop_replication_slot('${s.slot}')`, `drop database ${name}_2`);
    await s.becomes('live');
    expect(s.gaps).toMatchObject([{ reason: 'slot-lost' }]);
    await s.expectCachesRight();
  });
});
