import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { startProxy } from '../../support/proxy.js';
import { until } from '../../support/until.js';
import { createFixture, type Fixture, nextError, nextState } from './fixture.js';

vi.mock('../../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

const serverPackage = inject('serverPackage');
const SQL = 'create table t (id int primary key, x int)';

describe('a durable slot', () => {
  let fixture: Fixture;

  beforeEach(async () => {
    fixture = await createFixture();
    await fixture.publish(SQL, 't');
  });
  afterEach(() => fixture.end());

  /** Ends the source's connections, and does something before it comes back. */
  const whileAway = async (recorded: Awaited<ReturnType<Fixture['open']>>, act: () => Promise<unknown>) => {
    const { database } = fixture;
    const live = nextState(recorded.source, 'live');
    // Nobody gets in until this is over: the publication is what a session looks for first.
    await database.query('begin; lock pg_publication in access exclusive mode');
    await fixture.kill();
    await act();
    await database.query('commit');
    await live;
  };

  /**
   * A slot begins as old as the oldest one of the server. Only when it has got past the making of the publication can
   * another reader be sure that it tells of everything.
   */
  const pastPublication = () =>
    until(async () => {
      // Writes down which transactions are running: by that, a slot gets on.
      await fixture.database.query('checkpoint');
      const { rows } = await fixture.database.query(
        `select age(s.catalog_xmin) < least(age(p.xmin), age(r.xmin)) as past
         from pg_replication_slots s, pg_publication p join pg_publication_rel r on r.prpubid = p.oid
         where s.slot_name = $1`,
        [fixture.slot],
      );
      return rows[0].past;
    }, 'the slot to be past the publication');

  test('keeps what is committed while nobody reads it', async () => {
    const first = await fixture.openDurable();
    await pastPublication();
    await first.source.close();
    await fixture.database.query('insert into t values (1, 0)');
    const second = await fixture.openDurable();
    expect(await second.told()).toEqual([{ operation: 'insert', table: 't', key: { id: 1 } }]);
    expect(second.gaps).toEqual([]);
  });

  test('as old as another one, which is older than the publication, is a gap to the next reader', async () => {
    const { database, slot } = fixture;
    const older = `older_than_${slot}`;
    await database.query('select pg_create_logical_replication_slot($1, $2)', [older, 'pgoutput']);
    try {
      await database.query('drop publication pgcachewatch; create publication pgcachewatch for table t');
      await database.query('select pg_create_logical_replication_slot($1, $2)', [slot, 'pgoutput']);
      const { gaps } = await fixture.openDurable();
      expect(gaps).toMatchObject([{ reason: 'unwatched' }]);
    } finally {
      await database.query('select pg_drop_replication_slot($1)', [older]);
    }
  });

  test('in use is waited for, with the name of who holds it, and taken over when that one ends', async () => {
    const first = await fixture.openDurable();
    await pastPublication();
    await fixture.database.query('insert into t values (1, 0)');
    await first.told();
    const second = fixture.make({ replication: { slot: { name: fixture.slot } } });
    const refused = nextError(second.source, 'SLOT_IN_USE');
    const started = second.source.start();
    expect(await refused).toMatchObject({
      message: expect.stringMatching(/process \d+, pgcachewatch replication$/),
      remedy: expect.stringContaining('tried again'),
    });
    await fixture.database.query('insert into t values (2, 0)');
    await first.told();
    await first.source.close();
    await started;
    await fixture.database.query('insert into t values (3, 0)');
    expect((await second.told()).map(({ key }) => key?.id).at(-1)).toBe(3);
    expect(second.gaps).toEqual([]);
  });

  test('that was dropped while away is a gap, and another one is made', async () => {
    const recorded = await fixture.openDurable();
    await whileAway(recorded, async () => {
      await until(
        () =>
          fixture.database.query('select pg_drop_replication_slot($1)', [fixture.slot]).then(
            () => true,
            () => false,
          ),
        'the slot to be free',
      );
    });
    expect(recorded.gaps).toMatchObject([{ reason: 'slot-lost' }]);
    await fixture.database.query('insert into t values (1, 0)');
    expect(await recorded.told()).toHaveLength(1);
  });

  test('that somebody else has moved on while away is a gap', async () => {
    const recorded = await fixture.openDurable();
    await fixture.database.query('insert into t values (1, 0)');
    await recorded.told();
    await whileAway(recorded, async () => {
      const writer = await fixture.database.client();
      await writer.query('insert into t values (2, 0)');
      await writer.query('select pg_replication_slot_advance($1, pg_current_wal_lsn())', [fixture.slot]);
    });
    expect(recorded.gaps).toMatchObject([{ reason: 'slot-lost' }]);
    await fixture.database.query('insert into t values (3, 0)');
    expect((await recorded.told()).map(({ key }) => key?.id)).toEqual([3]);
  });

  test('that is only as far as keepalives have brought it is no gap', async () => {
    const recorded = await fixture.openDurable({ silenceLimitMs: 600 });
    const { database } = fixture;
    await database.query('create table other (x int)');
    const position = async () => {
      const { rows } = await database.query(
        `select confirmed_flush_lsn > $2::pg_lsn as moved from pg_replication_slots where slot_name = $1`,
        [fixture.slot, written],
      );
      return rows[0].moved;
    };
    const written = (
      await database.query('insert into other values (1) returning pg_current_wal_insert_lsn()::text as lsn')
    ).rows[0].lsn;
    await until(position, 'keepalives to be confirmed');
    const live = nextState(recorded.source, 'live');
    await fixture.kill();
    await live;
    expect(recorded.gaps).toEqual([]);
  });

  test('is made anew, with a gap, where its publication did not exist at the time that it stands at', async () => {
    const recorded = await fixture.openDurable();
    await whileAway(recorded, async () => {
      const { database } = fixture;
      await database.query('drop publication pgcachewatch');
      await database.query('insert into t values (1, 0)');
      await database.query('create publication pgcachewatch for table t');
    });
    expect(recorded.gaps.length).toBeGreaterThan(0);
    await fixture.database.query('insert into t values (2, 0)');
    expect((await recorded.told()).map(({ key }) => key?.id).at(-1)).toBe(2);
  });

  test.each([
    [
      'of another plugin',
      `select pg_create_logical_replication_slot($1, 'test_decoding')`,
      /plugin test_decoding/,
    ],
    ['that is physical', 'select pg_create_physical_replication_slot($1)', /physical/],
  ])("%s is refused: it is somebody else's", async (_, create, message) => {
    const { database, slot } = fixture;
    await database.query(create, [slot]);
    try {
      await expect(fixture.openDurable()).rejects.toMatchObject({
        code: 'SLOT_FOREIGN',
        message: expect.stringMatching(message),
        remedy: expect.stringContaining('another name'),
      });
    } finally {
      await database.query('select pg_drop_replication_slot($1)', [slot]);
    }
  });

  test('of another database is refused', async () => {
    const other = await createFixture();
    try {
      await other.publish(SQL, 't');
      await other.openDurable();
      await expect(fixture.open({ replication: { slot: { name: other.slot } } })).rejects.toMatchObject({
        code: 'SLOT_FOREIGN',
        message: expect.stringContaining(other.database.name),
      });
    } finally {
      await other.end();
    }
  });
});

describe.skipIf(serverPackage === null)('on a server of its own', () => {
  test(
    'a slot that the server gave up for want of space is a gap, and another one is made',
    { timeout: 60_000 },
    async () => {
      const server = await startEmbeddedServer({
        packageName: serverPackage ?? '',
        settings: {
          max_slot_wal_keep_size: '1MB',
          min_wal_size: '2MB',
          max_wal_size: '2MB',
          wal_segment_size: '1MB',
        },
      }).catch(() =>
        startEmbeddedServer({
          packageName: serverPackage ?? '',
          settings: { max_slot_wal_keep_size: '1MB' },
        }),
      );
      const fixture = await createFixture(server.url);
      try {
        await fixture.publish(SQL, 't');
        const recorded = await fixture.openDurable();
        await recorded.source.close();
        const { database } = fixture;
        for (let i = 0; i < 4; i++) {
          await database.query('select pg_switch_wal()');
          await database.query(
            `create table filler_${i} as select repeat('x', 500) from generate_series(1, 2000)`,
          );
        }
        await database.query('checkpoint');
        const lost = async () => {
          const { rows } = await database.query('select wal_status from pg_replication_slots');
          return rows[0]?.wal_status === 'lost';
        };
        await until(lost, 'the slot to be lost');
        const after = await fixture.openDurable();
        expect(after.gaps).toMatchObject([{ reason: 'slot-lost' }]);
        await database.query('insert into t values (1, 0)');
        expect(await after.told()).toHaveLength(1);
      } finally {
        await fixture.end();
        await server.stop();
      }
    },
  );

  test('another server at the same address is a gap: a failover', { timeout: 60_000 }, async () => {
    const servers = await Promise.all(
      [0, 1].map(() => startEmbeddedServer({ packageName: serverPackage ?? '' })),
    );
    const [one, two] = await Promise.all(servers.map(({ url }) => createFixture(url)));
    if (!one || !two) throw new Error('no fixtures');
    const proxy = await startProxy(one.database.url);
    try {
      for (const fixture of [one, two]) await fixture.publish(SQL, 't');
      // The same database, to whoever connects by name.
      await two.database.query(`insert into t values (1, 2)`);
      const name = one.database.name;
      const admin = await two.database.client();
      await admin.query(`create database ${name} template template0`);
      const recorded = await one.open({
        connection: proxy.url,
        replication: { slot: { name: one.slot } },
      });
      const copy = await createFixtureOn(servers[1]?.url ?? '', name);
      const live = nextState(recorded.source, 'live');
      proxy.redirect(servers[1]?.url ?? '');
      await live;
      expect(recorded.gaps).toMatchObject([{ reason: 'failover' }]);
      await copy.query('insert into t values (7, 0)');
      expect((await recorded.told()).map(({ key }) => key?.id).at(-1)).toBe(7);
      await copy.end();
    } finally {
      await Promise.all([one.end(), two.end()]);
      await proxy.close();
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});

async function createFixtureOn(serverUrl: string, name: string) {
  const { Client } = await import('pg');
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href });
  client.on('error', () => {});
  await client.connect();
  await client.query(`${SQL}; create publication pgcachewatch for table t`);
  return client;
}
