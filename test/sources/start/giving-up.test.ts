import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { connections, nextState, slots } from '../replication/fixture.js';
import { MODES, NO_SERVER, prepare, type SilentServer, Sources, startSilentServer } from './support.js';

const sources = new Sources();
let silent: SilentServer | undefined;
afterEach(async () => {
  await sources.close();
  await silent?.close();
  silent = undefined;
});

describe.each(MODES)('start() of %s', (_, options) => {
  test('gives up after its time, and says that no server is at the address', async () => {
    const source = sources.make({ ...options, connection: NO_SERVER });
    const error = await source.start({ timeoutMs: 300 }).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringMatching(/not live within 300 ms: .*ECONNREFUSED/),
      remedy: expect.stringContaining('check the address'),
      cause: { code: 'CONNECTION' },
    });
    expect(`${error.message} ${error.remedy}`).not.toContain('s3cret');
    expect(source.state).toBe('idle');
  });

  test('gives up after its time where the server says nothing, and leaves no connection', async () => {
    silent = await startSilentServer();
    const { url } = silent;
    const source = sources.make({ ...options, connection: url });
    await expect(source.start({ timeoutMs: 300 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('has not answered'),
      remedy: expect.stringContaining('Check the address'),
    });
    expect(source.state).toBe('idle');
    await until(() => silent?.open === 0, 'the connection to be closed', 1_000);
  });

  test('is aborted by its signal, with its reason', async () => {
    const source = sources.make({ ...options, connection: NO_SERVER });
    const aborting = new AbortController();
    const refused = expect(source.start({ signal: aborting.signal })).rejects.toThrow('enough');
    expect(source.state).toBe('connecting');
    aborting.abort(new Error('enough'));
    await refused;
    expect(source.state).toBe('idle');
    const late = source.start({ signal: aborting.signal });
    await expect(late).rejects.toThrow('enough');
    expect(source.state).toBe('idle');
  });
});

describe.each(MODES)('a second start() of %s', (_, options) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase();
    await prepare(database, 'both');
  });
  afterEach(async () => {
    await sources.close();
    await database.drop();
  });
  /** The lock keeps every mode from reading what is watched. */
  const blockCatalog = async () => {
    const blocker = await database.client();
    await blocker.query('begin; lock table pg_catalog.pg_class in access exclusive mode');
    return blocker;
  };

  test('becomes live after the first one has timed out, and nothing of that one is left', async () => {
    const blocker = await blockCatalog();
    const source = sources.make({ ...options, connection: database.url });
    const first = source.start({ timeoutMs: 500 });
    await expect(first).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(source.state).toBe('idle');
    const second = source.start();
    await blocker.query('rollback');
    await second;
    expect(source.state).toBe('live');
    await source.close();
    await until(async () => (await connections(database)) === 0, 'its connections to be gone');
    expect((await slots(database)).filter((name) => name !== 'start_test')).toEqual([]);
  });

  test('is not ended by the first one that gives up, and what comes after live changes nothing', async () => {
    const blocker = await blockCatalog();
    const source = sources.make({ ...options, connection: database.url });
    const aborting = new AbortController();
    const states: string[] = [];
    source.on('state', (state) => states.push(state));
    const patient = source.start();
    const late = source.start({ signal: aborting.signal, timeoutMs: 60_000 });
    await expect(source.start({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(source.start({ signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/);
    expect(source.state).toBe('connecting');
    await blocker.query('rollback');
    await Promise.all([patient, late]);
    aborting.abort();
    await source.start({ timeoutMs: 1 });
    expect(states).toEqual(['connecting', 'live']);
  });

  test('begins at once where the first one is still being ended', async () => {
    const blocker = await blockCatalog();
    const source = sources.make({ ...options, connection: database.url });
    const aborting = new AbortController();
    const given = source.start({ signal: aborting.signal });
    const refused = expect(given).rejects.toThrow();
    await until(async () => {
      const { rows } = await blocker.query('select from pg_locks where not granted');
      return rows.length > 0;
    }, 'the attempt to wait for the lock');
    aborting.abort();
    const second = source.start();
    await refused;
    await blocker.query('rollback');
    await second;
    expect(source.state).toBe('live');
  });
});

test('close() rejects every caller of start(), whatever they wait with', async () => {
  const source = sources.make({ mode: 'notify', connection: NO_SERVER });
  const waiting = [
    source.start(),
    source.start({ timeoutMs: 60_000 }),
    source.start({ signal: new AbortController().signal }),
  ];
  const refused = Promise.all(waiting.map((each) => expect(each).rejects.toMatchObject({ code: 'STATE' })));
  await source.close();
  await refused;
  await expect(source.start({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'STATE' });
  expect(source.state).toBe('closed');
});

test('a listener that aborts at live, or starts it again while it is connecting, disturbs nothing', async () => {
  const database = await createDatabase();
  await prepare(database, 'notify');
  const source = sources.make({ mode: 'notify', connection: database.url });
  try {
    const aborting = new AbortController();
    const again: Promise<void>[] = [];
    source.on('state', (state) => {
      if (state === 'connecting') again.push(source.start());
      if (state === 'live') aborting.abort();
    });
    await source.start({ signal: aborting.signal });
    await Promise.all(again);
    expect(again).toHaveLength(1);
    expect(source.state).toBe('live');
    expect(await connections(database)).toBe(1);
  } finally {
    await source.close();
    await database.drop();
  }
});

test.each([
  [{ timeoutMs: 0 }, /timeoutMs is 0/],
  [{ timeoutMs: Number.NaN }, /timeoutMs is NaN/],
  [{ timeoutMs: 2 ** 31 }, /timeoutMs/],
  [{ wait: false, timeoutMs: 1_000 }, /wait: false/],
  [{ wait: false, signal: new AbortController().signal }, /wait: false/],
  [{ wait: true, ...{ timeout: 1_000 } }, /no option "timeout"/],
])('start(%o) is refused, and begins nothing', async (options, message) => {
  const source = sources.make({ mode: 'notify', connection: NO_SERVER });
  await expect(source.start(options)).rejects.toMatchObject({
    code: 'BAD_OPTION',
    message: expect.stringMatching(message),
  });
  expect(source.state).toBe('idle');
});

test('a source that was refused can be started once the reason is gone', async () => {
  const database = await createDatabase();
  const source = sources.make({ mode: 'notify', connection: database.url });
  try {
    await expect(source.start({ timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'NOT_WATCHED' });
    expect(source.state).toBe('idle');
    await prepare(database, 'notify');
    const live = nextState(source, 'live');
    await source.start();
    await live;
  } finally {
    await source.close();
    await database.drop();
  }
});

test('a call after one that has given up is not rejected for what was wrong before', async () => {
  const database = await createDatabase();
  const source = sources.make({ mode: 'notify', connection: database.url });
  try {
    const leaving = new AbortController();
    const left = source.start({ signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    await expect(source.start()).rejects.toMatchObject({ code: 'NOT_WATCHED' });
    await prepare(database, 'notify');
    await source.start();
    expect(source.state).toBe('live');
  } finally {
    await source.close();
    await database.drop();
  }
});
