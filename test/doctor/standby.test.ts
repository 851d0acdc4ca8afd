import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Standby, startStandby } from '../support/standby.js';
import { examineAt, theWrong } from './setup.js';

const serverPackage = inject('serverPackage');

describe.skipIf(serverPackage === null)('a standby', () => {
  let primary: EmbeddedServer;
  let standby: Standby;
  let db: TestDatabase;

  beforeAll(async () => {
    primary = await startEmbeddedServer({ packageName: serverPackage ?? '' });
    db = await createDatabase(primary.url);
    await db.query('create table orders (id int primary key)');
    const client = await db.client();
    await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'both' }));
    standby = await startStandby(primary, serverPackage ?? '');
  });
  afterAll(async () => {
    await standby?.stop();
    await primary?.stop();
  });

  test('is looked at without an error, and serves neither mode', async () => {
    const url = new URL(standby.url);
    url.pathname = `/${db.name}`;
    const report = await examineAt(url.href);
    expect(theWrong(report, 'standby')).toMatchObject({
      level: 'failure',
      remedy: expect.stringContaining('Connect to the primary'),
    });
    expect(report.verdict).toMatchObject({ works: false, modes: { notify: false, replication: false } });
  });

  test('has a primary that works', async () => {
    const report = await examineAt(db.url);
    expect(report.findings).toContainEqual(expect.objectContaining({ check: 'standby', level: 'ok' }));
    expect(report.verdict.works).toBe(true);
  });
});
