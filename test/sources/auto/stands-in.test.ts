import type { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { type ChangeSource, createSource, type SourceOptions } from '../../../src/index.js';
import { openAutoSession } from '../../../src/sources/auto/open-auto-session.js';
import type { Reason } from '../../../src/sources/auto/reason.js';
import { resolveOptions } from '../../../src/sources/source-options.js';
import { SupervisedSource } from '../../../src/sources/supervised-source.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { holdSenders } from '../../support/hold-senders.js';
import { until } from '../../support/until.js';
import { openWriterElsewhere, prepare } from '../start/support.js';

const serverPackage = inject('serverPackage');

/** Slots and senders belong to the whole server, and so do the writers that a slot waits for. */
describe.skipIf(serverPackage === null)('auto, where replication has to wait for others,', () => {
  let server: EmbeddedServer;
  let database: TestDatabase;
  let writer: Client | undefined;
  const sources: ChangeSource[] = [];

  beforeAll(async () => {
    const settings = { max_replication_slots: '5', max_wal_senders: '5' };
    server = await startEmbeddedServer({ packageName: serverPackage ?? '', settings });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    database = await createDatabase(server.url);
    await prepare(database, 'both');
  });
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.close()));
    await writer?.end();
    writer = undefined;
    await database.query(
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where active_pid is null',
    );
    await database.drop();
  });

  /** Looks for replication all the time, not once a minute. */
  const make = (given: SourceOptions = {}): ChangeSource => {
    const options = resolveOptions({ mode: 'auto', connection: database.url, ...given });
    const reasons: { current: readonly Reason[] } = { current: [] };
    const open = openAutoSession({ ...options, lookForReplicationMs: 200 }, (choice) => {
      reasons.current = choice.reasons;
    });
    const source = new SupervisedSource({ ...options, mode: null, reasons, open });
    sources.push(source);
    return source;
  };
  const against = ({ reasons }: ChangeSource) =>
    reasons.filter(({ mode, met }) => mode === 'replication' && !met);
  const comesBack = (source: ChangeSource) =>
    until(() => source.state === 'live' && source.mode === 'replication', 'replication to be back', 20_000);
  const heardBy = async (source: ChangeSource) => {
    const heard = new Promise((resolve) => source.on('change', ({ operation }) => resolve(operation)));
    await database.query('update t set x = x + 1');
    return heard;
  };
  const fill = (slots: number) =>
    database.query(
      "select pg_create_physical_replication_slot('other_' || n) from generate_series(1, $1::int) n",
      [slots],
    );

  test.each([
    ['temporary', undefined],
    ['durable', { name: 'auto_blocked' }],
  ])('takes notify while a writer of another database keeps a %s slot from being made', async (_, slot) => {
    writer = await openWriterElsewhere(server.url);
    const source = make({ replication: { slot } });
    // The creation of a slot waits ten seconds where there is nothing else.
    await source.start({ timeoutMs: 8_000 });
    expect(source.mode).toBe('notify');
    expect(against(source)).toMatchObject([
      {
        message: expect.stringMatching(/slot.* waits? for the transaction of process/),
        remedy: expect.any(String),
      },
    ]);
    expect(await heardBy(source)).toBe('update');
    const gaps: string[] = [];
    source.on('gap', ({ reason }) => gaps.push(reason));
    await writer.query('commit');
    await comesBack(source);
    expect(gaps.at(-1)).toBe('switched');
    expect(await heardBy(source)).toBe('update');
  });

  test('takes notify at once where that writer has been there for long, and says so', async () => {
    writer = await openWriterElsewhere(server.url);
    const isOld = async () => {
      const { rows } = await database.query(
        `select from pg_stat_activity where application_name = 'nightly job' and xact_start < clock_timestamp() - interval '6 s'`,
      );
      return rows.length > 0;
    };
    await until(isOld, 'the transaction to be old', 15_000);
    const source = make();
    await source.start();
    expect(against(source)).toMatchObject([
      { message: expect.stringMatching(/would wait for the transaction.*database postgres/) },
    ]);
  });

  test('takes notify while another process reads the durable slot', async () => {
    const slot = { name: 'auto_in_use' };
    const first = createSource({ mode: 'replication', connection: database.url, replication: { slot } });
    sources.push(first);
    await first.start();
    const source = make({ replication: { slot } });
    await source.start();
    expect(source.mode).toBe('notify');
    expect(against(source)).toMatchObject([
      { message: expect.stringMatching(/slot auto_in_use is being read by process \d+/) },
    ]);
    expect(await heardBy(source)).toBe('update');
    await first.close();
    await comesBack(source);
  });

  test('leaves slots for others, and takes one when there are enough again', async () => {
    await fill(3);
    const source = make();
    await source.start();
    expect(source.mode).toBe('notify');
    expect(against(source)).toMatchObject([
      {
        message: '3 of 5 replication slots are in use, and mode auto leaves 2 for standbys and backups',
        remedy: expect.stringContaining("mode 'replication'"),
      },
    ]);
    await database.query("select pg_drop_replication_slot('other_3')");
    await comesBack(source);
    // Its own counts as taken: that is no reason to leave it when the connection is lost.
    const live = new Promise<void>((resolve) => {
      source.on('state', (state) => state === 'live' && resolve());
    });
    await database.query(`select pg_create_physical_replication_slot('other_4')`);
    await database.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and application_name like 'pgcachewatch%'`,
    );
    await live;
    expect(source.mode).toBe('replication');
  });

  test('leaves senders for others; mode replication takes one all the same', async () => {
    const senders = await holdSenders(server.url, 3);
    try {
      const source = make();
      await source.start();
      expect(source.mode).toBe('notify');
      expect(against(source)).toMatchObject([
        { message: '3 of 5 WAL senders are in use, and mode auto leaves 2 for standbys and backups' },
      ]);
      const named = createSource({ mode: 'replication', connection: database.url });
      sources.push(named);
      await named.start();
      await named.close();
      await senders.pop()?.end();
      await comesBack(source);
    } finally {
      await Promise.all(senders.map((sender) => sender.end()));
    }
  });

  test('a durable slot that is there needs no other', async () => {
    const slot = { name: 'auto_there' };
    const first = createSource({ mode: 'replication', connection: database.url, replication: { slot } });
    await first.start();
    await first.close();
    await fill(4);
    const source = make({ replication: { slot } });
    await source.start();
    expect(source.mode).toBe('replication');
  });

  test('without triggers, it waits as replication does, and says for what', async () => {
    await database.query(`do $$ declare t text; begin
      for t in select tgname from pg_trigger where tgrelid = 't'::regclass loop
        execute format('drop trigger %I on t', t);
      end loop; end $$`);
    writer = await openWriterElsewhere(server.url);
    const source = make();
    const waiting = source.start({ timeoutMs: 7_000 });
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', cause: { code: 'SLOT_BLOCKED' } });
    await writer.query('commit');
    await source.start();
    expect(source.mode).toBe('replication');
  });
});
