import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { type ChangeSource, cache, createSource, row, type SourceOptions } from '../../../src/index.js';
import { commitPlan, planInstall } from '../../../src/install/index.js';
import { openAutoSession } from '../../../src/sources/auto/open-auto-session.js';
import { resolveOptions } from '../../../src/sources/source-options.js';
import { SupervisedSource } from '../../../src/sources/supervised-source.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

const serverPackage = inject('serverPackage');

describe('mode auto', () => {
  let database: TestDatabase;
  const sources: ChangeSource[] = [];
  const open = async (options: SourceOptions = {}) => {
    const source = createSource({ connection: database.url, ...options });
    sources.push(source);
    await source.start();
    return source;
  };
  const prepare = async (serverUrl?: string) => {
    database = await createDatabase(serverUrl);
    await database.query('create table t (id int primary key, x int); insert into t values (1, 0)');
  };
  const triggers = async () => {
    const client = await database.client();
    await commitPlan(client, await planInstall(client, { tables: ['t'], mode: 'notify' }));
  };
  const publish = () => database.query('create publication pgcachewatch for table t');
  const nextState = (source: ChangeSource, wanted: string) =>
    new Promise<void>((resolve) => {
      const off = source.on('state', (state) => {
        if (state !== wanted) return;
        off();
        resolve();
      });
    });
  const why = ({ reasons }: ChangeSource) => reasons.filter(({ met }) => !met).map(({ message }) => message);

  describe('on a server that can do both', () => {
    beforeEach(() => prepare());
    afterEach(async () => {
      await Promise.all(sources.splice(0).map((source) => source.close()));
      await database.drop();
    });

    test('is the default, and takes replication', async () => {
      await triggers();
      await publish();
      const source = await open();
      expect(source.mode).toBe('replication');
      expect(why(source)).toEqual([]);
    });

    test('takes notify where there is no publication', async () => {
      await triggers();
      const source = await open();
      expect(source.mode).toBe('notify');
      expect(why(source)).toContain('publication "pgcachewatch" does not exist');
    });

    test('takes notify for a role that may not replicate', async () => {
      await triggers();
      await publish();
      const role = `plain_${database.name}`;
      await database.query(`create role ${role} login password 'x'`);
      try {
        const url = new URL(database.url);
        url.username = role;
        url.password = 'x';
        const source = await open({ connection: url.href });
        expect(source.mode).toBe('notify');
        expect(why(source)).toEqual([`role ${role} may not replicate`]);
        await source.close();
      } finally {
        await database.query(`drop role ${role}`);
      }
    });

    test('refuses where neither is installed, and says what is missing for each', async () => {
      await expect(open()).rejects.toMatchObject({
        code: 'NO_MODE',
        remedy: expect.stringMatching(/--mode replication[\s\S]*--mode notify/),
      });
    });

    test('falls back when replication cannot come back, returns when it can, and nothing is stale meanwhile', async () => {
      await triggers();
      await publish();
      const options = resolveOptions({ connection: database.url, mode: 'auto' });
      const reasons = { current: [] };
      const source = new SupervisedSource({
        ...options,
        mode: null,
        reasons,
        open: openAutoSession({ ...options, lookForReplicationMs: 100 }, () => {}),
      });
      sources.push(source);
      const gaps: string[] = [];
      source.on('gap', ({ reason }) => gaps.push(reason));
      await source.start();
      const x = cache(async () => (await database.query('select x from t where id = 1')).rows[0].x, {
        source,
        dependsOn: [row('t', { id: 1 })],
      });
      const write = async (value: number) => {
        await database.query('update t set x = $1', [value]);
        await source.caughtUp();
        expect(await x()).toBe(value);
        expect(await x()).toBe(value);
      };
      await write(1);
      let live = nextState(source, 'live');
      await database.query('drop publication pgcachewatch');
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'pgcachewatch%'`,
      );
      await live;
      expect(source.mode).toBe('notify');
      await write(2);
      live = nextState(source, 'live');
      await publish();
      await database.query('update t set x = 3');
      await live;
      expect(source.mode).toBe('replication');
      expect(await x()).toBe(3);
      await write(4);
      expect(gaps).toEqual(['switched', 'switched']);
    });
  });

  // Settings that only a server of one's own can have.
  test.skipIf(serverPackage === null).each([
    ['wal_level is replica', { wal_level: 'replica', max_replication_slots: '1', max_wal_senders: '1' }, 0],
    ['1 of 1 replication slots are in use', { max_replication_slots: '1' }, 1],
    ['1 of 1 WAL senders are in use', { max_wal_senders: '1' }, 1],
  ])('takes notify where %s', async (message, settings: Record<string, string>, others) => {
    const server = await startEmbeddedServer({ packageName: serverPackage ?? '', settings });
    try {
      await prepare(server.url);
      await triggers();
      await publish();
      for (let i = 0; i < others; i++) expect((await open({ mode: 'replication' })).mode).toBe('replication');
      const source = await open();
      expect(source.mode).toBe('notify');
      expect(why(source)).toContain(message);
    } finally {
      await Promise.all(sources.splice(0).map((source) => source.close()));
      await server.stop();
    }
  });
});
