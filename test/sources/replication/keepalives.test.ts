import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../support/until.js';
import { createFixture, type Fixture } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
  await fixture.publish('create table t (id int primary key); create table other (x int)', 't');
});
afterEach(() => fixture.end());

test.each(['1s', '0'])(
  'with wal_sender_timeout %s it stays live, idle and busy',
  { timeout: 30_000 },
  async (setting) => {
    const { database } = fixture;
    await database.query(`alter database ${database.name} set wal_sender_timeout = '${setting}'`);
    const { source, states, gaps } = await fixture.open({ silenceLimitMs: 3_000 });
    // For once it is time itself that is tested: several time-outs of silence, several of bustle.
    await delay(3_500);
    const writer = await database.client();
    const busyUntil = Date.now() + 3_000;
    for (let id = 0; Date.now() < busyUntil; id++) await writer.query('insert into t values ($1)', [id]);
    await source.caughtUp();
    expect(states).toEqual(['connecting', 'live']);
    expect(gaps).toEqual([]);
  },
);

test('a durable slot moves on while nothing that is watched changes in a busy database', async () => {
  const { database, slot } = fixture;
  await fixture.openDurable();
  const passed = async (lsn: string) => {
    const { rows } = await database.query(
      'select confirmed_flush_lsn >= $2::pg_lsn as passed from pg_replication_slots where slot_name = $1',
      [slot, lsn],
    );
    return rows[0].passed;
  };
  for (let round = 0; round < 3; round++) {
    await database.query('insert into other select generate_series(1, 5000)');
    const { rows } = await database.query('select pg_current_wal_lsn()::text as lsn');
    await until(() => passed(rows[0].lsn), 'the slot to be confirmed up to there');
  }
});

// What it is while something waits is shown where something does: stuck-gate.test.ts.
test('a source that is caught up has next to no lag, one that is closed has none to tell', async () => {
  const { database } = fixture;
  const { source } = await fixture.open();
  await database.query('insert into t values (1)');
  await source.caughtUp();
  expect((await source.lag())?.bytes).toBeLessThan(10_000);
  expect((await source.lag())?.seconds).toBeNull();
  await source.close();
  expect(await source.lag()).toBeNull();
});
