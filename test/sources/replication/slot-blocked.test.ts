import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { type EmbeddedServer, startEmbeddedServer } from '../../../src/demo/embedded-server.js';
import { until } from '../../support/until.js';
import { connections, createFixture, type Fixture, nextError, slots } from './fixture.js';

vi.mock('../../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));
vi.mock('../../../src/sources/replication/limits.js', async (original) => ({
  ...(await original<typeof import('../../../src/sources/replication/limits.js')>()),
  LOCK_TIMEOUT_MS: 300,
}));

// A slot waits for the writers of every database: on a server of one's own, they are the test's own.
const serverPackage = inject('serverPackage');
let server: EmbeddedServer | undefined;
let fixture: Fixture;

beforeAll(async () => {
  if (serverPackage !== null) server = await startEmbeddedServer({ packageName: serverPackage });
});
afterAll(() => server?.stop());
beforeEach(async () => {
  fixture = await createFixture(server?.url);
  await fixture.publish('create table t (id int primary key)', 't');
});
afterEach(() => fixture.end());

test.skipIf(serverPackage === null).each(['temporary', 'durable'])(
  'the creation of a %s slot names the transaction in its way, and is tried again',
  async (kind) => {
    const { database } = fixture;
    const writer = await database.client();
    await writer.query(`set application_name = 'nightly job'`);
    await writer.query('begin; insert into t values (1)');
    const { rows } = await writer.query('select pg_backend_pid() as pid');
    const slot = kind === 'durable' ? { name: fixture.slot } : undefined;
    const { source } = fixture.make({ replication: { slot } });
    const blocked = nextError(source, 'SLOT_BLOCKED');
    const started = source.start();
    expect(await blocked).toMatchObject({
      message: expect.stringMatching(
        new RegExp(`transaction of process ${rows[0].pid}, application "nightly job".*open since \\d{4}-`),
      ),
      remedy: expect.stringContaining('tried again'),
    });
    await writer.query('commit');
    await started;
    expect(await slots(database)).toHaveLength(1);
    expect(await connections(database)).toBe(2);
  },
);

test('closing while the creation waits leaves no connection and no slot', async () => {
  const { database } = fixture;
  const writer = await database.client();
  await writer.query('begin; insert into t values (1)');
  const { source } = fixture.make();
  const started = source.start();
  const refused = expect(started).rejects.toMatchObject({ code: 'STATE' });
  await nextError(source, 'SLOT_BLOCKED');
  await source.close();
  await refused;
  await until(async () => (await connections(database)) === 0, 'the connections to be gone', 1_000);
  await writer.query('commit');
  expect(await slots(database)).toEqual([]);
});
