import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { createSource } from '../../src/index.js';
import { type Recorded, recording } from '../conformance/record.js';
import { openScenario, REPLICATION_KINDS, type Scenario, type ScenarioOptions, SOON } from './scenario.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

let scenario: Scenario | undefined;
const open = async (kind: Scenario['kind'], options: ScenarioOptions = {}) => {
  scenario = await openScenario(kind, { ...options, source: { ...SOON, ...options.source } });
  return scenario;
};
afterEach(async () => {
  await scenario?.end();
  scenario = undefined;
});

/** Another source that reads the scenario's durable slot. */
function nextReader({ database, slot }: Scenario): Recorded {
  const source = createSource({
    mode: 'replication',
    connection: database.url,
    replication: { slot: { name: slot } },
  });
  return recording(source);
}

/** What a durable slot's reader was not told of, it was told a gap about. */
function expectNoLossInSilence({ heardIds, gaps }: Scenario, ids: readonly number[]): void {
  const missing = ids.filter((id) => !heardIds.has(id));
  if (missing.length > 0) expect(gaps.length).toBeGreaterThan(0);
}

describe.each(REPLICATION_KINDS)('publications, %s', (kind) => {
  test('one that is dropped and recreated while streaming is a gap, whatever was written in between', async () => {
    const s = await open(kind);
    await s.expectCachesRight();
    await s.query('drop publication pgcachewatch');
    await s.query('insert into t values (10, 1); update t set x = 77');
    await s.query('create publication pgcachewatch for table t, u');
    await s.query('insert into t values (11, 1)');
    await s.gapsReach(1);
    await s.becomes('live');
    await s.expectCachesRight();
    expectNoLossInSilence(s, [10, 11]);
    expect(s.errors.length).toBeLessThan(5);
  });

  test('one that is dropped is told with its remedy, and nothing is kept until it is there again', async () => {
    const s = await open(kind);
    await s.expectCachesRight();
    await s.query('drop publication pgcachewatch');
    await s.query('update t set x = 78');
    if (kind === 'auto') {
      // The triggers do instead.
      await s.gapsReach(1);
      await s.becomes('live');
      expect(s.source.mode).toBe('notify');
      return s.expectCachesRight();
    }
    await s.becomes('interrupted');
    const { message, remedy } = await s.says('NO_PUBLICATION');
    expect(message).toContain('"pgcachewatch"');
    expect(remedy).toContain('install');
    await s.expectNothingKept();
    const { length } = s.errors;
    await s.install('t', 'u');
    await s.becomes('live');
    await s.expectCachesRight();
    expect(s.gaps.length).toBeGreaterThan(0);
    expect(length).toBeLessThan(4);
  });

  test('a table that leaves it is told, and its values are loaded every time until it is back', async () => {
    const s = await open(kind);
    await s.expectCachesRight();
    await s.query('alter publication pgcachewatch drop table t');
    await s.query('update t set x = 79');
    await s.gapsReach(1);
    expect(s.gaps).toMatchObject([{ reason: 'unwatched' }]);
    for (const x of [80, 81]) {
      await s.query('update t set x = $1', [x]);
      expect([await s.x(1), await s.sum(), await s.anySum()]).toEqual([x, 3 * x, 3 * x]);
    }
    await s.query('alter publication pgcachewatch add table t');
    await s.query('update t set x = 82');
    await s.gapsReach(2);
    await s.expectCachesRight();
    expect(s.states).toEqual(['connecting', 'live']);
  });

  test('a table that joins it is watched from its first change on', async () => {
    const s = await open(kind, { sql: 'create table v (id int primary key)' });
    await s.query('alter publication pgcachewatch add table v; insert into v values (1)');
    await s.source.caughtUp();
    expect(s.source.watched.find('v')).toBeDefined();
    await s.expectCachesRight();
  });

  test('one that tells less for a while, of all tables, is a gap', async () => {
    const s = await open(kind);
    await s.expectCachesRight();
    await s.query(`alter publication pgcachewatch set (publish = 'insert')`);
    await s.query('update t set x = 83');
    await s.query(`alter publication pgcachewatch set (publish = 'insert, update, delete, truncate')`);
    await s.gapsReach(1);
    await s.becomes('live');
    await s.expectCachesRight();
  });
});

describe('publications, over the life of a process', () => {
  test.each([
    [
      'dropped and recreated',
      'drop publication pgcachewatch',
      'create publication pgcachewatch for table t, u',
    ],
    [
      'without the table',
      'alter publication pgcachewatch drop table t',
      'alter publication pgcachewatch add table t',
    ],
  ])('one that was %s while nobody read the durable slot is a gap to whoever reads it next', async (_, away, back) => {
    const s = await open('replication, durable slot');
    await s.query('insert into t values (20, 0)');
    await s.source.caughtUp();
    await s.source.close();
    await s.query(away);
    await s.query('insert into t values (21, 0)');
    await s.query(back);
    await s.query('insert into t values (22, 0)');
    const next = nextReader(s);
    try {
      await next.source.start();
      expect(next.gaps).toHaveLength(1);
      await s.query('insert into t values (23, 0)');
      expect((await next.told()).at(-1)?.key).toEqual({ id: 23 });
    } finally {
      await next.source.close();
    }
  });
});

// On a server of its own: a transaction that others have open there makes a publication look younger than it is, and then
// there is a gap that nobody needs.
const serverPackage = inject('serverPackage');
describe.skipIf(serverPackage === null)('a publication that is left alone', () => {
  test('while nobody reads the durable slot is no gap', async () => {
    const server = await startEmbeddedServer({ packageName: serverPackage ?? '' });
    try {
      const s = await open('replication, durable slot', { serverUrl: server.url });
      await s.query('insert into t values (20, 0)');
      await s.source.caughtUp();
      await s.source.close();
      await s.query('insert into t values (21, 0)');
      const next = nextReader(s);
      try {
        await next.source.start();
        expect((await next.told()).map(({ key }) => key)).toContainEqual({ id: 21 });
        expect(next.gaps).toEqual([]);
      } finally {
        await next.source.close();
        await s.end();
        scenario = undefined;
      }
    } finally {
      await server.stop();
    }
  });
});
