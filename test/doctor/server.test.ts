import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import type { Finding } from '../../src/doctor/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { carryOut, examineAt, theWrong, versionOf, wrong } from './setup.js';

// How long a transaction may be open before it is worth a word.
vi.mock('../../src/sources/replication/limits.js', async (original) => ({
  ...(await original<typeof import('../../src/sources/replication/limits.js')>()),
  LOCK_TIMEOUT_MS: 1000,
}));

const serverPackage = inject('serverPackage');

describe.skipIf(serverPackage === null)('on a server', () => {
  let server: EmbeddedServer;
  let db: TestDatabase;
  const clients: Client[] = [];

  const prepare = async () => {
    db = await createDatabase(server.url);
    await db.query('create table t (id int primary key, x int)');
  };
  const start = async (settings: Record<string, string>) => {
    server = await startEmbeddedServer({ packageName: serverPackage ?? '', settings });
    await prepare();
  };
  const install = async (mode: 'notify' | 'replication' | 'both' = 'both') => {
    const client = await db.client();
    const tables = {
      tables: ['t'],
      mode,
      ...(mode === 'replication' ? {} : { allowPreparedTransactions: true }),
    };
    await commitPlan(client, await planInstall(client, tables));
  };
  const connect = async (url = db.url) => {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    clients.push(client);
    await client.connect();
    return client;
  };
  const look = (options = {}) => examineAt(db.url, options);
  const restart = async () => {
    await server.restart();
  };
  const operate = (finding: Finding) => carryOut(finding, { url: db.url, restart });
  const eventually = async (check: string, what: string) => {
    await until(async () => wrong(await look(), check).length > 0, what);
    return theWrong(await look(), check);
  };
  const mended = async (check: string, message: RegExp, options = {}) => {
    const finding = theWrong(await look(options), check);
    expect(finding.message).toMatch(message);
    await operate(finding);
    expect(wrong(await look(options), check)).toEqual([]);
  };

  afterEach(() => Promise.allSettled(clients.splice(0).map((client) => client.end())));

  describe('of its own', () => {
    afterEach(() => server.stop());

    test('whose wal_level is replica, auto takes notify until the remedy and a restart', async () => {
      await start({ wal_level: 'replica' });
      await install();
      const { verdict } = await look();
      expect(verdict).toMatchObject({
        works: true,
        auto: 'notify',
        modes: { notify: true, replication: false },
      });
      expect(verdict.conclusion).toEqual([
        'Mode auto takes notify here: for replication, wal_level is replica.',
      ]);
      expect((await look({ mode: 'replication' })).verdict.works).toBe(false);
      await mended('wal-level', /^wal_level is replica/);
      expect((await look()).verdict).toMatchObject({ auto: 'replication', modes: { replication: true } });
    });

    test.each([
      ['max_replication_slots', /^1 of 1 replication slots are in use$/],
      ['max_wal_senders', /^1 of 1 WAL senders are in use$/],
    ])('whose %s is used up, it is raised', async (setting, message) => {
      await start({ [setting]: '1' });
      await install();
      const holder = new Client({ connectionString: db.url, ...{ replication: 'database' } });
      holder.on('error', () => {});
      clients.push(holder);
      await holder.connect();
      await holder.query('CREATE_REPLICATION_SLOT taken TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT');
      expect((await look()).verdict.auto).toBe('notify');
      await mended('slots-and-senders', message);
      expect((await look()).verdict).toMatchObject({ works: true, auto: 'replication' });
    });

    test('with one slot left, that is a warning', async () => {
      await start({ max_replication_slots: '1' });
      await install();
      expect(theWrong(await look(), 'slots-and-senders')).toMatchObject({ level: 'warning' });
      expect((await look()).verdict.auto).toBe('replication');
    });

    test('where transactions can be prepared, and where they are', async () => {
      await start({ max_prepared_transactions: '5' });
      await install();
      await db.query('create table other (id int)');
      await db.query("begin; insert into other values (1); prepare transaction 'it''s \"mine\"'");
      const prepared = theWrong(await look(), 'prepared-transactions');
      expect(prepared).toMatchObject({ level: 'warning', remedyKind: 'words' });
      expect(prepared.message).toMatch(/Two-phase commit is in use.*PREPARE TRANSACTION fails/);

      const blocking = await eventually('open-transactions', 'it to be old enough');
      expect(blocking.message).toMatch(
        /waits for the prepared transaction .*, which has been open for \d+ s/,
      );
      await operate(blocking);
      expect(wrong(await look(), 'open-transactions')).toEqual([]);
      expect((await db.query('select from pg_prepared_xacts')).rows).toEqual([]);

      await mended('prepared-transactions', /^max_prepared_transactions is 5: PREPARE TRANSACTION fails/);
    });

    test('whose queue of notifications fills, the listener that holds it is named and ended', async ({
      skip,
    }) => {
      // A queue of 8 GB is not filled in a test.
      skip((await versionOf(inject('serverUrl'))) < 170_000, 'max_notify_queue_pages is of PostgreSQL 17');
      await start({ max_notify_queue_pages: '64' });
      await install();
      const listener = await connect();
      await listener.query("set application_name = 'dozing'");
      await listener.query('listen ch');
      await listener.query('begin');
      await listener.query('select 1');
      await db.query("select pg_notify('ch', repeat('x', 7000) || n) from generate_series(1, 30) n");
      await mended('notification-queue', /^The queue of notifications is \d+ % full/);
      expect((await look()).verdict.works).toBe(true);
    });
  });

  describe('with its defaults', () => {
    beforeAll(async () => {
      server = await startEmbeddedServer({ packageName: serverPackage ?? '' });
    });
    afterAll(() => server.stop());
    beforeEach(prepare);
    afterEach(async () => {
      await db.query('alter system reset all');
      await db.query('select pg_reload_conf()');
      await db.drop();
    });

    test('a transaction that has written and stays open is named, and the remedy ends it', async () => {
      await install();
      const idle = await connect();
      await idle.query("set application_name = 'asleep'; begin; insert into t values (1, 1)");
      const finding = await eventually('open-transactions', 'it to be old enough');
      expect(finding.message).toMatch(/application "asleep".*idle in transaction/);
      await operate(finding);
      expect(wrong(await look(), 'open-transactions')).toEqual([]);
    });

    test('where a commit waits for a synchronous standby, notifications wait, and that is found in time', async () => {
      await install();
      const hanging = await connect();
      await db.query("alter system set synchronous_standby_names = 'nobody'");
      await db.query('select pg_reload_conf()');
      await until(
        async () =>
          (await db.query('show synchronous_standby_names')).rows[0].synchronous_standby_names !== '',
        'the setting to be read',
      );
      // From when on commits wait is up to the checkpointer: one of them will.
      let released = false;
      const commits = (async () => {
        while (!released) {
          await hanging.query(
            "insert into t select coalesce(max(id), 0) + 1 from t; select pg_notify('ch', 'x')",
          );
        }
      })();
      commits.catch(() => {});
      await until(
        async () => (await db.query("select from pg_stat_activity where wait_event = 'SyncRep'")).rowCount,
        'the commit to wait',
      );
      const finding = theWrong(await look(), 'listen');
      expect(finding.message).toMatch(/not heard within 3 s.*synchronous standby/);
      expect(finding.remedy).toMatch(/synchronous_standby_names/);
      released = true;
      await db.query('alter system reset synchronous_standby_names');
      await db.query('select pg_reload_conf()');
      await commits;
      expect(wrong(await look(), 'listen')).toEqual([]);
    });

    test('a slot that nobody reads is named with what it holds, and dropped', async () => {
      await install();
      await db.query("select pg_create_logical_replication_slot('pgcachewatch_left', 'pgoutput')");
      await db.query('insert into t select n, n from generate_series(1, 1000) n');
      const { findings } = await look();
      expect(findings).toContainEqual(
        expect.objectContaining({
          check: 'wal-retention',
          level: 'warning',
          message: expect.stringContaining('pgcachewatch_left is durable'),
        }),
      );
      await mended('slots', /^Slot pgcachewatch_left is read by nobody, and holds [\d.]+ [kM]B of WAL/);
      expect((await db.query('select from pg_replication_slots')).rows).toEqual([]);
    });

    test('the slot that is asked about waits for its reader, whatever else may not', async () => {
      await install();
      await db.query("select pg_create_logical_replication_slot('shop', 'pgoutput')");
      const report = await look({ slot: 'shop', mode: 'replication' });
      expect(wrong(report, 'slots')).toEqual([]);
      expect(report.verdict.works).toBe(true);
      expect(wrong(await look(), 'slots')).toHaveLength(1);
    });

    test("the slot that is asked about is somebody else's", async () => {
      await install();
      await db.query("select pg_create_logical_replication_slot('shop', 'test_decoding')").catch(async () => {
        // Not every distribution has that plugin.
        await db.query("select pg_create_physical_replication_slot('shop', true)");
      });
      const report = await look({ slot: 'shop', mode: 'replication' });
      expect(theWrong(report, 'slots')).toMatchObject({
        level: 'failure',
        message: expect.stringContaining("somebody else's"),
      });
      expect(report.verdict.works).toBe(false);
    });

    test('a slot that was lost is dropped', async () => {
      await db.query("alter system set max_slot_wal_keep_size = '1MB'");
      await db.query('select pg_reload_conf()');
      await db.query("select pg_create_logical_replication_slot('pgcachewatch_lost', 'pgoutput')");
      await until(async () => {
        await db.query(
          'insert into t select n, n from generate_series(1, 1000) n; truncate t; select pg_switch_wal()',
        );
        await db.query('checkpoint');
        const { rows } = await db.query('select wal_status from pg_replication_slots');
        return rows[0].wal_status === 'lost';
      }, 'the slot to be lost');
      await mended('slots', /^Slot pgcachewatch_lost has lost its WAL/);
    });

    test('with a durable slot, WAL without a limit is a warning; with a temporary one, a note', async () => {
      await install();
      expect((await look()).findings).toContainEqual(
        expect.objectContaining({ check: 'wal-retention', level: 'note' }),
      );
      await mended('wal-retention', /^max_slot_wal_keep_size is -1/, { slot: 'shop' });
      expect((await look()).findings).toContainEqual(
        expect.objectContaining({
          check: 'wal-retention',
          level: 'ok',
          message: 'max_slot_wal_keep_size is 10GB',
        }),
      );
    });
  });
});
