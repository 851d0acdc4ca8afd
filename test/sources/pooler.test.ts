import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSource } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';

// Where there is no pgbouncer (apt-get install pgbouncer), these are skipped.
describe.skipIf(findPgBouncer() === null)('the notify source behind PgBouncer', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createDatabase();
    await db.query('create table orders (id int primary key)');
    const client = await db.client();
    await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'notify' }));
  });
  afterAll(() => db.drop());

  const behind = async (mode: 'transaction' | 'session', work: (pooler: PgBouncer) => Promise<void>) => {
    const pooler = await startPgBouncer(db.url, mode);
    try {
      await work(pooler);
    } finally {
      await pooler.stop();
    }
  };

  test('in transaction mode, does not become live: it would hear itself, and nobody else', () =>
    behind('transaction', async ({ url }) => {
      const source = createSource({ connection: url, mode: 'notify', silenceLimitMs: 500 });
      await expect(source.start()).rejects.toMatchObject({ code: 'NOT_DELIVERED' });
      await source.close();
    }));

  test('in session mode, hears what others do', () =>
    behind('session', async ({ url }) => {
      await using source = createSource({ connection: url, mode: 'notify' });
      await source.start();
      const changes = source[Symbol.asyncIterator]();
      await db.query('insert into orders values (1)');
      expect((await changes.next()).value?.key).toEqual({ id: 1 });
      await source.caughtUp();
    }));
});
