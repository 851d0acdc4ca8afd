import { expect, test } from 'vitest';
import { createSource } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase } from '../support/database.js';
import { startProxy } from '../support/proxy.js';
import { until } from '../support/until.js';

test('a server that falls silent while the notify source is opened is asked again', async () => {
  const db = await createDatabase();
  const proxy = await startProxy(db.url);
  await db.query('create table orders (id int primary key)');
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'notify' }));
  const source = createSource({ connection: proxy.url, mode: 'notify', silenceLimitMs: 300 });
  try {
    // What the source asks for first stands still, and then the network is gone.
    const blocker = await db.client();
    await blocker.query('begin; lock table pg_catalog.pg_trigger in access exclusive mode');
    const started = source.start();
    await until(async () => {
      const { rows } = await blocker.query('select from pg_locks where not granted');
      return rows.length > 0;
    }, 'the question that waits');
    proxy.silence();
    await blocker.query('rollback');
    await until(async () => {
      const { rows } = await blocker.query(
        "select from pg_stat_activity where datname = current_database() and application_name = 'pgcachewatch notify' and state = 'idle'",
      );
      return rows.length > 0;
    }, 'the answer that is lost');
    proxy.restore();
    await started;
    expect(source.state).toBe('live');
  } finally {
    await source.close();
    await proxy.close();
    await db.drop();
  }
});
