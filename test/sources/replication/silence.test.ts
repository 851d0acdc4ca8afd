import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { cache, row } from '../../../src/index.js';
import { startProxy } from '../../support/proxy.js';
import { createFixture, type Fixture, nextError, nextState } from './fixture.js';

vi.mock('../../../src/sources/replication/limits.js', async (original) => ({
  ...(await original<typeof import('../../../src/sources/replication/limits.js')>()),
  LOCK_TIMEOUT_MS: 1_500,
}));

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
  await fixture.publish('create table t (id int primary key, x int); insert into t values (1, 0)', 't');
});
afterEach(() => fixture.end());

const read = async () => (await fixture.database.query('select x from t where id = 1')).rows[0].x;

test(
  'a peer that falls silent is an interruption; a durable slot is then read on, though the server has not noticed',
  {
    timeout: 30_000,
  },
  async () => {
    const proxy = await startProxy(fixture.database.url);
    try {
      const recorded = await fixture.openDurable({ connection: proxy.url, silenceLimitMs: 600 });
      const x = cache(read, { source: recorded.source, dependsOn: [row('t', { id: 1 })] });
      expect(await x()).toBe(0);
      const interrupted = nextState(recorded.source, 'interrupted');
      proxy.silence();
      await interrupted;
      expect(recorded.errors).toMatchObject([{ code: 'SILENT' }]);
      await fixture.database.query('update t set x = 1');
      expect(await x()).toBe(1);
      const live = nextState(recorded.source, 'live');
      proxy.restore();
      await live;
      expect(recorded.gaps).toEqual([]);
      expect(await x()).toBe(1);
    } finally {
      await fixture.end();
      await proxy.close();
      fixture = await createFixture();
    }
  },
);

const serverPackage = inject('serverPackage');

test.skipIf(serverPackage === null)(
  'silence of the connection beside the stream is an interruption too',
  { timeout: 60_000 },
  async () => {
    // One process of the server is stopped: of a server of its own, for others may wait for that process.
    const server = await startEmbeddedServer({ packageName: serverPackage ?? '' });
    const alone = await createFixture(server.url);
    try {
      const { database } = alone;
      await alone.publish('create table t (id int primary key)', 't');
      const { source } = await alone.open({ silenceLimitMs: 1_000 });
      const { rows } = await database.query(
        `select pid from pg_stat_activity where datname = current_database() and application_name = 'pgcachewatch gate'`,
      );
      const silent = nextError(source, 'SILENT');
      const live = nextState(source, 'live');
      process.kill(rows[0].pid, 'SIGSTOP');
      try {
        await database.query('insert into t values (1)');
        // It may have been asked for a snapshot first, or for the catalog.
        expect(await silent).toMatchObject({ message: expect.stringContaining('did not answer') });
        await live;
      } finally {
        process.kill(rows[0].pid, 'SIGCONT');
      }
    } finally {
      await alone.end();
      await server.stop();
    }
  },
);

test(
  'a server that falls silent while the source connects does not hold it up for ever, nor its end',
  {
    timeout: 40_000,
  },
  async () => {
    const proxy = await startProxy(fixture.database.url);
    try {
      const { source } = fixture.make({ connection: proxy.url, silenceLimitMs: 500 });
      const blocker = await fixture.database.client();
      // The creation of the slot waits for this one: the connections stand, and then the network goes.
      await blocker.query('begin; insert into t values (2, 0)');
      const started = source.start();
      const failed = expect(started).rejects.toMatchObject({ code: 'STATE' });
      const silent = nextError(source, 'SILENT');
      await fixture.database.query('select pg_sleep(0.5)');
      proxy.silence();
      await silent;
      const before = performance.now();
      await source.close();
      await failed;
      expect(performance.now() - before).toBeLessThan(2_000);
    } finally {
      await fixture.end();
      await proxy.close();
      fixture = await createFixture();
    }
  },
);
