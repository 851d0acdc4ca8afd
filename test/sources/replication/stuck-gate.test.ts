import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { cache, table } from '../../../src/index.js';
import { until } from '../../support/until.js';
import { createFixture, type Fixture } from './fixture.js';

vi.mock('../../../src/sources/replication/limits.js', async (original) => ({
  ...(await original<typeof import('../../../src/sources/replication/limits.js')>()),
  BACKLOG_LIMITS: { changes: 300, bytes: 1e6, length: 200 },
}));

const serverPackage = inject('serverPackage');

describe.skipIf(serverPackage === null)('while a synchronous standby is away', () => {
  let server: EmbeddedServer;
  let fixture: Fixture;

  beforeEach(async () => {
    server = await startEmbeddedServer({
      packageName: serverPackage ?? '',
      settings: { wal_sender_timeout: '1s' },
    });
    fixture = await createFixture(server.url);
    await fixture.publish(
      'create table t (id int primary key, x int); insert into t values (1, 0), (2, 0)',
      't',
    );
  });
  afterEach(async () => {
    await setStandby('');
    await fixture.end();
    await server.stop();
  });

  const setStandby = async (name: string) => {
    const { database } = fixture;
    // Nobody waits for a standby in these two, or they would wait for the one that is set here.
    await database.query('set synchronous_commit = local');
    await database.query(`alter system set synchronous_standby_names = '${name}'`);
    await database.query('select pg_reload_conf()');
    await until(
      async () =>
        (await database.query('show synchronous_standby_names')).rows[0].synchronous_standby_names === name,
      'the setting to be read',
    );
  };
  const hanging = () =>
    until(async () => {
      const { rows } = await fixture.database.query(
        `select from pg_stat_activity where wait_event = 'SyncRep'`,
      );
      return rows.length > 0;
    }, 'the commit to wait for the standby');

  test(
    'a commit is not told, the source stays live, and both come right afterwards',
    { timeout: 40_000 },
    async () => {
      const { database } = fixture;
      const { source, transactions, states, gaps } = await fixture.openDurable({ silenceLimitMs: 2_000 });
      const x = cache(async () => (await database.query('select x from t where id = 1')).rows[0].x, {
        source,
        dependsOn: [table('t')],
      });
      await setStandby('nobody');
      expect(await x()).toBe(0);
      const writer = await database.client();
      const commit = writer.query('update t set x = 1 where id = 1');
      await hanging();
      // Several time-outs of the server's, and of our own patience.
      await delay(4_000);
      expect(transactions).toEqual([]);
      expect(await x()).toBe(0);
      expect(states).toEqual(['connecting', 'live']);
      const lag = await source.lag();
      expect(lag?.bytes).toBeGreaterThan(0);
      expect(lag?.seconds).toBeGreaterThan(3);
      await setStandby('');
      await commit;
      await source.caughtUp();
      expect(await x()).toBe(1);
      expect(transactions).toHaveLength(1);
      expect([states, gaps]).toEqual([['connecting', 'live'], []]);
    },
  );

  test('told at once, it would be told too early: what the gate is for', { timeout: 40_000 }, async () => {
    const { database } = fixture;
    const { source } = await fixture.open({ replication: { visibility: 'immediate' } });
    await setStandby('nobody');
    const told = new Promise<void>((resolve) => source.on('change', () => resolve()));
    const writer = await database.client();
    const commit = writer.query('update t set x = 1 where id = 1');
    await told;
    expect((await database.query('select x from t where id = 1')).rows[0].x).toBe(0);
    await setStandby('');
    await commit;
  });

  test(
    'what comes after it is held within limits: coarser, then an overflow, and nothing stale',
    { timeout: 40_000 },
    async () => {
      const { database } = fixture;
      const recorded = await fixture.openDurable();
      const { source, transactions, gaps } = recorded;
      const x = cache(async () => (await database.query('select x from t where id = 2')).rows[0].x, {
        source,
        dependsOn: [table('t')],
      });
      await setStandby('nobody');
      const writer = await database.client();
      const commit = writer.query('update t set x = 1 where id = 1');
      await hanging();
      // These do not wait for the standby, but for the one before them.
      for (let i = 1; i <= 150; i++)
        await database.query('insert into t select $1::int * 100 + g, 0 from generate_series(1, 3) g', [i]);
      for (let i = 1; i <= 300; i++) await database.query('update t set x = $1 where id = 2', [i]);
      await database.query(`select pg_logical_emit_message(true, 'app', 'dropped')`);
      const caughtUp = source.caughtUp();
      await delay(200);
      expect(transactions).toEqual([]);
      await setStandby('');
      await commit;
      await caughtUp;
      expect(gaps).toMatchObject([{ reason: 'overflow' }]);
      expect(recorded.errors).toMatchObject([{ code: 'OVERFLOW' }]);
      expect(transactions.length).toBeLessThanOrEqual(200);
      const keys = transactions.map(({ changes }) => [...changes].map(({ key }) => key?.id ?? null));
      expect(keys.slice(0, 3)).toEqual([[1], [101, 102, 103], [201, 202, 203]]);
      expect(keys.slice(110, 113)).toEqual([[null], [null], [null]]);
      expect(await x()).toBe(300);
      // And it goes on as before.
      transactions.splice(0);
      await database.query('update t set x = -1 where id = 2');
      expect(await recorded.told()).toEqual([{ operation: 'update', table: 't', key: { id: 2 } }]);
      expect(await x()).toBe(-1);
    },
  );
});
