import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { examineAt, theWrong, wrong } from './setup.js';

const there = findPgBouncer() !== null;
const needed = there
  ? ''
  : ' (skipped: there is no pgbouncer on this machine, see apt-get install pgbouncer)';

describe.skipIf(!there)(`behind PgBouncer${needed}`, () => {
  let db: TestDatabase;
  const bouncers: PgBouncer[] = [];
  const behind = async (mode: 'transaction' | 'session') => {
    const bouncer = await startPgBouncer(db.url, mode);
    bouncers.push(bouncer);
    return bouncer.url;
  };
  beforeAll(async () => {
    db = await createDatabase();
    await db.query('create table orders (id int primary key)');
    const client = await db.client();
    await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'both' }));
  });
  afterAll(async () => {
    for (const bouncer of bouncers) await bouncer.stop();
    await db.drop();
  });

  test('in transaction mode, LISTEN is lost, and that is found though the pooler says nothing', async () => {
    const report = await examineAt(await behind('transaction'), { mode: 'notify' });
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        check: 'pooler',
        level: 'note',
        message: expect.stringContaining('A pooler or proxy'),
      }),
    );
    const finding = theWrong(report, 'listen');
    expect(finding.message).toMatch(/a pooler in transaction mode loses LISTEN/);
    expect(finding.remedy).toMatch(/server itself/);
    expect(report.verdict.works).toBe(false);
  });

  test('in transaction mode, no process of the server is left listening', async () => {
    const url = await behind('transaction');
    await examineAt(url, { mode: 'notify' });
    // As many at a time as there can be processes in the pool: each gets another one.
    const clients = [1, 2, 3].map(() => new Client({ connectionString: url }));
    try {
      for (const client of clients) {
        await client.connect();
        await client.query('begin');
        const { rows } = await client.query('select pg_listening_channels() as channel');
        expect(rows).toEqual([]);
      }
    } finally {
      await Promise.all(clients.map((client) => client.end()));
    }
  });

  test('in session mode, LISTEN works', async () => {
    const report = await examineAt(await behind('session'), { mode: 'notify' });
    expect(wrong(report, 'listen')).toEqual([]);
    expect(report.verdict.works).toBe(true);
  });

  test('replication is tried, and what is said of it is what a source would meet', async () => {
    const url = await behind('session');
    const client = new Client({ connectionString: url, ...{ replication: 'database' } });
    client.on('error', () => {});
    const passes = await client.connect().then(
      () =>
        client.query('IDENTIFY_SYSTEM').then(
          () => true,
          () => false,
        ),
      () => false,
    );
    await client.end().catch(() => {});
    const report = await examineAt(url, { mode: 'replication' });
    expect(report.verdict.works).toBe(passes);
    if (passes) return;
    expect(theWrong(report, 'replication-connection').message).toMatch(
      /^A connection that replicates is not to be had/,
    );
    const auto = await examineAt(url);
    expect(auto.verdict).toMatchObject({ works: true, auto: 'notify', modes: { notify: true } });
    expect(auto.verdict.conclusion).toEqual([
      'Mode auto takes notify here: replication seems possible and fails: replication-connection.',
    ]);
  });

  test('nothing is said of a pooler where there is none', async () => {
    expect((await examineAt(db.url)).findings).toContainEqual(
      expect.objectContaining({ check: 'pooler', level: 'ok' }),
    );
  });
});
