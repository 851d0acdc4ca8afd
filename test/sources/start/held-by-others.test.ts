import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { holdSenders } from '../../support/hold-senders.js';
import { until } from '../../support/until.js';
import { connections } from '../replication/fixture.js';
import { openWriterElsewhere, prepare, Sources } from './support.js';

/** Three slots and three senders: what one server has for all is what these tests use up. */
const serverPackage = inject('serverPackage');
const sources = new Sources();

describe.skipIf(serverPackage === null)('replication, where others hold what it needs,', () => {
  let server: EmbeddedServer;
  let database: TestDatabase;
  beforeAll(async () => {
    const settings = { max_replication_slots: '3', max_wal_senders: '3' };
    server = await startEmbeddedServer({ packageName: serverPackage ?? '', settings });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    database = await createDatabase(server.url);
    await prepare(database, 'replication');
  });
  afterEach(async () => {
    await sources.close();
    await database.drop();
  });
  const make = (name?: string) =>
    sources.make({
      mode: 'replication',
      connection: database.url,
      ...(name !== undefined && { replication: { slot: { name } } }),
    });

  test.each([
    ['temporary', undefined],
    ['durable', 'held_1'],
  ])('a %s slot: names the writer in another database, long before the creation is given up', async (_, name) => {
    const writer = await openWriterElsewhere(server.url);
    try {
      const { rows } = await writer.query('select pg_backend_pid() as pid');
      const source = make(name);
      const waiting = source.start({ timeoutMs: 7_000 });
      const error = await waiting.catch((thrown) => thrown);
      expect(error).toMatchObject({
        code: 'TIMEOUT',
        message: expect.stringMatching(
          new RegExp(`process ${rows[0].pid}, application "nightly job".*database postgres`),
        ),
        remedy: expect.stringContaining('end that one'),
        cause: { code: 'SLOT_BLOCKED' },
      });
      expect(source.state).toBe('idle');
      await writer.query('commit');
      // Of the attempt before, the server may keep a slot until it has noticed.
      await source.start();
      expect(source.state).toBe('live');
      // Neither is the connection there any more that has looked who was in the way.
      await until(async () => (await connections(database)) === 2, 'two connections');
    } finally {
      await writer.end();
    }
  });

  test('says that no slot is free, and goes on when one is', async () => {
    await database.query(
      `select pg_create_physical_replication_slot('other_' || n) from generate_series(1, 3) n`,
    );
    try {
      const source = make();
      await expect(source.start({ timeoutMs: 4_000 })).rejects.toMatchObject({
        code: 'TIMEOUT',
        sqlState: '53400',
        message: expect.stringContaining('all replication slots are in use'),
        remedy: expect.stringContaining('max_replication_slots'),
      });
      const started = source.start();
      await database.query(`select pg_drop_replication_slot('other_3')`);
      await started;
    } finally {
      await database.query(
        `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name like 'other%'`,
      );
    }
  });

  test('says that no sender is free, and goes on when one is', async () => {
    const senders = await holdSenders(server.url, 3);
    try {
      const source = make();
      await expect(source.start({ timeoutMs: 4_000 })).rejects.toMatchObject({
        code: 'TIMEOUT',
        sqlState: '53300',
        message: expect.stringContaining('max_wal_senders'),
        remedy: expect.stringContaining('raise max_connections or max_wal_senders'),
      });
      const started = source.start();
      await senders.pop()?.end();
      await started;
    } finally {
      await Promise.all(senders.map((sender) => sender.end()));
    }
  });

  test('says who reads the durable slot, and goes on when that one has ended', async () => {
    const first = make('held_2');
    await first.start();
    const source = make('held_2');
    await expect(source.start({ timeoutMs: 3_000 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/slot held_2 is being read by process \d+, pgcachewatch replication/),
      remedy: expect.stringContaining('two slots'),
      cause: { code: 'SLOT_IN_USE' },
    });
    const started = source.start();
    await first.close();
    await started;
  });

  test('gives up in time where the server answers one connection, and not the one for the stream', async () => {
    const sockets = new Set<Socket>();
    let taken = 0;
    const proxy = createServer((near) => {
      sockets.add(near);
      near.on('error', () => {});
      taken += 1;
      if (taken > 1) return void near.resume();
      const far = connect(server.port, '127.0.0.1');
      sockets.add(far);
      far.on('error', () => near.destroy());
      far.on('close', () => near.destroy());
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = new URL(database.url);
    url.port = String((proxy.address() as AddressInfo).port);
    const source = sources.make({ mode: 'replication', connection: url.href });
    const before = performance.now();
    await expect(source.start({ timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('has not answered'),
    });
    expect(taken).toBeGreaterThan(1);
    // pg itself gives a connection ten seconds.
    expect(performance.now() - before).toBeLessThan(5_000);
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => proxy.close(() => resolve()));
  });
});
