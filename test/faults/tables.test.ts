import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { cache, row } from '../../src/index.js';
import { KINDS, openScenario, type Scenario, type ScenarioOptions, SILENCE_LIMIT_MS } from './scenario.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

let scenario: Scenario | undefined;
const open = async (kind: Scenario['kind'], options?: ScenarioOptions) => {
  scenario = await openScenario(kind, options);
  return scenario;
};
afterEach(async () => {
  await scenario?.end();
  scenario = undefined;
});

/** Changes of t are not heard of: each read is the database's. */
async function expectLoadedEveryTime(s: Scenario): Promise<void> {
  for (const value of [901, 902]) {
    await s.query('update t set x = $1', [value]);
    const { rows } = await s.query('select sum(x)::int as sum from t');
    expect([await s.x(1), await s.sum(), await s.anySum()]).toEqual([value, rows[0].sum, rows[0].sum]);
  }
}

const RECREATE = `drop table t; create table t (id int primary key, x int);
  insert into t select i, 500 from generate_series(1, 3) i`;

describe.each(KINDS)('tables, %s', (kind) => {
  test('one that is dropped and made again is not cached until it is installed again', async () => {
    const s = await open(kind);
    await s.expectCachesRight();
    await s.query(RECREATE);
    await s.query('update t set x = 501');
    await s.gapsReach(1);
    expect(s.gaps).toMatchObject([{ reason: 'unwatched' }]);
    await expectLoadedEveryTime(s);
    expect(s.source.state).toBe('live');
    await s.install('t');
    await s.query('update t set x = 502');
    await s.gapsReach(2);
    await s.expectCachesRight();
  });

  test('one that the source was asked for, dropped: the others go on, and the error says which', async () => {
    const s = await open(kind, { source: { tables: ['t', 'u'] } });
    const ofU = cache(async () => (await s.query('select x from u')).rows[0].x, {
      source: s.source,
      dependsOn: ['u'],
    });
    await s.query('drop table t');
    await s.gapsReach(1);
    expect((await s.says('NOT_WATCHED')).message).toContain('t');
    await s.query('update u set x = 7');
    await s.source.caughtUp();
    expect([await ofU(), await ofU()]).toEqual([7, 7]);
    expect(ofU.statistics.hits).toBe(1);
    await s.restart();
    await s.query('update u set x = 8');
    await s.source.caughtUp();
    expect([await ofU(), await ofU()]).toEqual([8, 8]);
    await s.query('create table t (id int primary key, x int); insert into t values (1, 0)');
    const { length } = s.gaps;
    await s.gapsReach(length + 1);
    await expectLoadedEveryTime(s);
    await s.install('t');
    await s.query('update t set x = 1');
    await s.gapsReach(length + 2);
    await s.expectCachesRight();
  });

  test('one that is renamed, and another put in its place: never the old rows for the new ones', async () => {
    const s = await open(kind);
    await s.expectCachesRight();
    await s.query(`begin; alter table t rename to t_old; create table t (id int primary key, x int);
      insert into t select i, 600 from generate_series(1, 3) i; commit`);
    await s.gapsReach(1);
    expect(await s.x(1)).toBe(600);
    await expectLoadedEveryTime(s);
    await s.install('t');
    await s.query('update t set x = 601');
    await s.gapsReach(2);
    await s.expectCachesRight();
  });

  test('two that are both watched and change places are told by their new names at once', async () => {
    const s = await open(kind);
    await s.query('create table t_new (id int primary key, x int); insert into t_new values (1, 700)');
    await s.install('t_new');
    await s.query('update t_new set x = 700');
    await s.source.caughtUp();
    await s.expectCachesRight();
    await s.query('begin; alter table t rename to t_old; alter table t_new rename to t; commit');
    expect(await s.x(1)).toBeDefined();
    await s.query('update t set x = 701');
    await s.source.caughtUp();
    expect([await s.x(1), await s.sum(), await s.anySum()]).toEqual([701, 701, 701]);
    await s.query('update t_old set x = 1');
    await s.query('update t set x = 702');
    await s.source.caughtUp();
    expect([await s.x(1), await s.sum()]).toEqual([702, 702]);
    await s.expectCachesRight();
  });

  test('one that takes the place of a table that was never written to since the start is told by its new name', async () => {
    const s = await open(kind, {
      sql: 'create table t_new (id int primary key, x int); insert into t_new values (1, 700)',
    });
    await s.install('t_new');
    await s.restart();
    expect(s.source.watched.find('t_new')).toBeDefined();
    await s.query('begin; alter table t rename to t_old; alter table t_new rename to t; commit');
    expect(await s.sum()).toBe(700);
    await s.query('update t set x = 701');
    await s.source.caughtUp();
    expect([await s.x(1), await s.sum(), await s.anySum()]).toEqual([701, 701, 701]);
  });

  test.each([
    ['is another column', 'alter table t drop constraint t_pkey, add primary key (code)'],
    ['is dropped', 'alter table t drop constraint t_pkey, replica identity full'],
    ['changes its name', 'alter table t rename id to ident'],
    [
      'changes places with another column',
      'alter table t rename id to i; alter table t rename code to id; alter table t rename i to code',
    ],
  ])('one whose primary key %s: a change after that is seen', async (_, ddl) => {
    const s = await open(kind);
    await s.query(
      'alter table t add code int; update t set code = id + 1; alter table t alter code set not null',
    );
    await s.gapsReach(1);
    await s.expectCachesRight();
    await s.query(ddl);
    const columnOf = async () => {
      const { rows } = await s.query(
        `select attname from pg_attribute where attrelid = 't'::regclass and attname in ('id', 'code') order by attname desc limit 1`,
      );
      return rows[0].attname;
    };
    const column = await columnOf();
    const byId = cache(
      async (id: number) =>
        (await s.query(`select sum(x)::int as x from t where ${column} = $1`, [id])).rows[0].x,
      { source: s.source, dependsOn: (id) => [row('t', { [column]: id })] },
    );
    for (const value of [31, 32, 33]) {
      await s.query(`update t set x = $1`, [value]);
      await s.source.caughtUp();
      expect([await byId(2), await s.sum()]).toEqual([value, 3 * value]);
    }
    // The stream tells of it; of the triggers, which tell the key that they were installed with, the next look.
    if (kind === 'notify') await delay(1.5 * SILENCE_LIMIT_MS);
    else await s.gapsReach(2);
    for (const value of [34, 35]) {
      await s.query(`update t set x = $1`, [value]);
      await s.source.caughtUp();
      expect([await byId(2), await s.sum()]).toEqual([value, 3 * value]);
    }
  });

  test.each([
    ['bigint', 'alter table t alter id type bigint', 1],
    ['numeric with decimals', 'alter table t alter id type numeric(10, 2)', 1],
    ['text', 'alter table t alter id type text', '1'],
    ['another spelling', `alter table t alter id type text using 'k' || id`, 'k1'],
  ])('one whose key changes its type to %s: a change after that is seen', async (_, ddl, id) => {
    const s = await open(kind);
    await s.expectCachesRight();
    const byId = cache(
      async (wanted: number | string) =>
        (await s.query('select x from t where id::text in ($1, $2)', [String(wanted), `${wanted}.00`]))
          .rows[0]?.x,
      { source: s.source, dependsOn: (wanted) => [row('t', { id: wanted })] },
    );
    await s.query(ddl);
    for (const value of [41, 42, 43]) {
      await s.query('update t set x = $1', [value]);
      await s.source.caughtUp();
      expect(await byId(id)).toBe(value);
    }
    await s.gapsReach(1);
    for (const value of [44, 45]) {
      await s.query('update t set x = $1', [value]);
      await s.source.caughtUp();
      expect(await byId(id)).toBe(value);
    }
  });

  test('one whose columns come, go and change their names: a change after that is seen', async () => {
    const s = await open(kind);
    await s.query('alter table t add y int, add z int');
    await s.expectCachesRight();
    await s.query('alter table t drop y');
    await s.expectCachesRight();
    await s.query('alter table t rename z to zz; alter table t alter zz type text');
    await s.expectCachesRight();
    expect(s.errors).toEqual([]);
  });
});
