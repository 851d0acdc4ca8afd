import { afterEach, beforeEach, expect, test } from 'vitest';
import { ReplicationStream } from '../../../src/sources/replication/replication-stream.js';
import { connections, createFixture, type Fixture } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
});
afterEach(() => fixture.end());

const stream = (prepared: () => void) =>
  new ReplicationStream({
    connection: fixture.database.url,
    publication: 'pgcachewatch',
    prepare: async () => {
      prepared();
      return 'no_such_slot';
    },
    onRead: () => {},
    onMessage: () => {},
    onKeepalive: () => {},
    onEnd: () => {},
  });

test('a stream that is closed at the moment it is started neither goes on nor leaves a connection', async () => {
  let prepared = 0;
  const streams = Array.from({ length: 10 }, () => stream(() => prepared++));
  const outcomes = streams.map(async (each) => {
    const started = each.start().catch(() => 'ended');
    await each.close();
    return started;
  });
  // Whoever would still be connecting has had the time for it: these connect after them.
  for (let i = 0; i < 5; i++) await fixture.database.client();
  expect(await Promise.all(outcomes)).toEqual(streams.map(() => 'ended'));
  expect(await connections(fixture.database)).toBe(0);
  expect(prepared).toBe(0);
});

test('a stream that was closed cannot be started', async () => {
  const closed = stream(() => {});
  await closed.close();
  await expect(closed.start()).rejects.toMatchObject({ code: 'STATE' });
  expect(await connections(fixture.database)).toBe(0);
});

test('a stream whose slot is not there rejects, and its connection ends with it', async () => {
  const refused = stream(() => {});
  await expect(refused.start()).rejects.toMatchObject({ code: '42704' });
  await refused.close();
});
