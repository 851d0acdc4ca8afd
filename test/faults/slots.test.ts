import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { freePort } from '../../src/demo/free-port.js';
import { startProxy } from '../support/proxy.js';
import { openScenario, REPLICATION_KINDS, type Scenario, type ScenarioOptions, until } from './scenario.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));
// A slot that waits for somebody's transaction is to be given up soon.
vi.mock('../../src/sources/replication/limits.js', async (original) => ({
  ...(await original<typeof import('../../src/sources/replication/limits.js')>()),
  LOCK_TIMEOUT_MS: 300,
}));

const serverPackage = inject('serverPackage');
let scenario: Scenario | undefined;
let proxy: Awaited<ReturnType<typeof startProxy>> | undefined;
const open = async (kind: Scenario['kind'], options?: ScenarioOptions) => {
  scenario = await openScenario(kind, options);
  return scenario;
};
/** The source goes by way of a proxy, so that it can be kept away. */
const openBehindProxy = async (kind: Scenario['kind'], serverUrl?: string) => {
  const nowhere = `postgres://127.0.0.1:${await freePort()}`;
  let target = '';
  const through = await startProxy('postgres://127.0.0.1:1');
  proxy = through;
  const s = await open(kind, {
    ...(serverUrl && { serverUrl }),
    connection: (url) => {
      target = url;
      through.redirect(url);
      const byWay = new URL(url);
      byWay.port = new URL(through.url).port;
      return byWay.href;
    },
  });
  return {
    s,
    leave: async () => {
      through.redirect(nowhere);
      await s.becomes('interrupted');
    },
    comeBack: async () => {
      through.redirect(target);
      await s.becomes('live');
    },
  };
};
afterEach(async () => {
  await scenario?.end();
  await proxy?.close();
  scenario = proxy = undefined;
});

const gapOf = ({ isDurable }: Scenario) => (isDurable ? 'slot-lost' : 'reconnected');

/** Ends whoever reads the slots of the database, and drops them, as an administrator would who means it. */
const dropSlots = (s: Scenario) =>
  until(async () => {
    await s.query(
      'select pg_terminate_backend(active_pid, 2000) from pg_replication_slots where database = current_database()',
    );
    return s
      .query(
        'select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database() and not temporary',
      )
      .then(
        () => true,
        () => false,
      );
  }, 'the slots to be dropped');

describe.each(REPLICATION_KINDS)('slots, %s', (kind) => {
  test('one that an administrator drops while it streams is a gap, and another one is made', async () => {
    const s = await open(kind);
    await s.expectCachesRight();
    await s.query('insert into t values (10, 0)');
    await dropSlots(s);
    await s.gapsReach(1);
    await s.becomes('live');
    expect(s.gaps.map(({ reason }) => reason)).toContain(gapOf(s));
    await s.expectCachesRight();
    await s.query('insert into t values (11, 0)');
    await s.source.caughtUp();
    expect(s.heardIds).toContain(11);
    expect(s.errors.length).toBeLessThan(4);
  });

  test("while nobody can reach the server, every read is the database's", async () => {
    const { s, leave, comeBack } = await openBehindProxy(kind);
    await s.expectCachesRight();
    await leave();
    await s.expectNothingKept();
    await s.query('insert into t values (12, 0)');
    await comeBack();
    await s.expectCachesRight();
    expect(s.gaps.map(({ reason }) => reason)).toEqual(s.isDurable ? [] : ['reconnected']);
    if (s.isDurable) expect(s.heardIds).toContain(12);
    // However often it was tried meanwhile.
    expect(s.errors.length).toBeLessThan(4);
  });
});

describe('a durable slot that nobody reads for a while', () => {
  test.each([
    ['dropped', async () => {}],
    [
      'dropped and made again by somebody under its name',
      (s: Scenario) => s.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [s.slot]),
    ],
  ])('and that is %s is a gap', async (_, after: (s: Scenario) => Promise<unknown>) => {
    const { s, leave, comeBack } = await openBehindProxy('replication, durable slot');
    await s.expectCachesRight();
    await leave();
    await s.query('insert into t values (20, 0)');
    await dropSlots(s);
    await s.query('update t set x = 5');
    await after(s);
    await comeBack();
    expect(s.gaps).toMatchObject([{ reason: 'slot-lost' }]);
    await s.expectCachesRight();
  });
});

describe.skipIf(serverPackage === null)('slots, on a server that gives them up', () => {
  let server: EmbeddedServer;
  beforeAll(async () => {
    server = await startEmbeddedServer({
      packageName: serverPackage ?? '',
      settings: { max_slot_wal_keep_size: '1MB', min_wal_size: '32MB', max_wal_size: '32MB' },
    });
  });
  afterAll(() => server?.stop());

  /** More WAL than a slot may hold, and the checkpoint that looks. */
  const outgrow = async (s: Scenario) => {
    for (let i = 0; i < 3; i++) {
      await s.query('insert into u values ($1, 0)', [100 + i]);
      await s.query('select pg_switch_wal()');
    }
    await s.query('checkpoint');
  };
  const lost = async (s: Scenario) => {
    const { rows } = await s.query('select wal_status from pg_replication_slots where slot_name = $1', [
      s.slot,
    ]);
    return rows[0]?.wal_status === 'lost';
  };

  // Where there are triggers, auto takes notify meanwhile: sources/auto/stands-in.test.ts.
  test.each(REPLICATION_KINDS.filter((kind) => kind !== 'auto'))(
    'one that streams, held back by an open transaction: nothing is kept until that ends, then a gap (%s)',
    { timeout: 60_000 },
    async (kind) => {
      const s = await open(kind, { serverUrl: server.url });
      await s.expectCachesRight();
      const writer = await s.database.client();
      await writer.query('begin; insert into u values (50, 0)');
      await until(async () => {
        await outgrow(s);
        await s.query('delete from u where id >= 100');
        return s.source.state === 'interrupted';
      }, 'the slot to be given up');
      await s.expectNothingKept();
      const { message, remedy } = await s.says('SLOT_BLOCKED', 15_000);
      expect(message).toContain('it waits for the transaction of process');
      expect(remedy).toContain('end that one');
      await writer.query('commit');
      await s.becomes('live', 15_000);
      expect([...new Set(s.gaps.map(({ reason }) => reason))]).toEqual([gapOf(s)]);
      await s.expectCachesRight();
      expect(s.errors.length).toBeLessThan(6);
    },
  );

  test(
    'one that outgrew max_slot_wal_keep_size while nobody read it is a gap',
    { timeout: 60_000 },
    async () => {
      const { s, leave, comeBack } = await openBehindProxy('replication, durable slot', server.url);
      await s.expectCachesRight();
      await leave();
      await outgrow(s);
      await until(() => lost(s), 'the slot to be lost');
      await comeBack();
      expect(s.gaps).toMatchObject([{ reason: 'slot-lost' }]);
      await s.expectCachesRight();
    },
  );

  test('one that PostgreSQL 18 gave up for idle_replication_slot_timeout is a gap', async ({ skip }) => {
    const { s, leave, comeBack } = await openBehindProxy('replication, durable slot', server.url);
    const { rows } = await s.query(`select from pg_settings where name = 'idle_replication_slot_timeout'`);
    if (rows.length === 0) return skip('the server is older than PostgreSQL 18');
    await s.expectCachesRight();
    await leave();
    await s.query(`alter system set idle_replication_slot_timeout = '1s'`);
    await s.query('select pg_reload_conf()');
    try {
      await until(async () => {
        await s.query('checkpoint');
        return lost(s);
      }, 'the slot to be lost');
    } finally {
      await s.query('alter system reset idle_replication_slot_timeout');
      await s.query('select pg_reload_conf()');
    }
    await comeBack();
    expect(s.gaps).toMatchObject([{ reason: 'slot-lost' }]);
    await s.expectCachesRight();
  });
});
