import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFixture, type Fixture } from './fixture.js';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
  await fixture.publish('create table t (id int primary key); create table other (x int)', 't');
});
afterEach(() => fixture.end());

test('caughtUp waits for a write that is not on disk yet: synchronous_commit off', async () => {
  const { told } = await fixture.open();
  const writer = await fixture.database.client();
  await writer.query('set synchronous_commit = off');
  for (let id = 1; id <= 30; id++) {
    await writer.query('insert into t values ($1)', [id]);
    expect((await told()).map(({ key }) => key?.id)).toEqual([id]);
  }
});

test('caughtUp resolves where nothing that is watched has changed, and nothing at all', async () => {
  const { source } = await fixture.open();
  await source.caughtUp();
  await fixture.database.query('insert into other values (1)');
  await source.caughtUp();
  await source.caughtUp();
});

test('a hundred callers at a time are each caught up with what was committed before their call', async () => {
  const { source, transactions } = await fixture.open();
  const writer = await fixture.database.client();
  const heard = new Set<number>();
  source.on('change', ({ key }) => heard.add(Number(key?.id)));
  const marks = 'select count(*)::int as n from pg_stat_activity';
  await fixture.database.query(marks);
  const callers: Promise<boolean>[] = [];
  for (let id = 1; id <= 100; id++) {
    await writer.query('insert into t values ($1)', [id]);
    callers.push(
      source.caughtUp().then(() => Array.from({ length: id }, (_, i) => heard.has(i + 1)).every(Boolean)),
    );
  }
  expect(await Promise.all(callers)).toEqual(Array.from({ length: 100 }, () => true));
  await Promise.all(Array.from({ length: 100 }, () => source.caughtUp()));
  expect(transactions).toHaveLength(100);
});

test('callers at the same time share what is sent for them', async () => {
  const { source } = await fixture.open();
  const { database } = fixture;
  const { rows } = await database.query('select pg_current_xact_id()::text as xid');
  await Promise.all(Array.from({ length: 100 }, () => source.caughtUp()));
  const after = await database.query('select pg_current_xact_id()::text as xid');
  // A message takes a transaction: one for the first caller, one for all who came while it was being sent.
  expect(Number(after.rows[0].xid) - Number(rows[0].xid)).toBeLessThan(20);
});

test('a caller who gives up harms nobody who waits with him', async () => {
  const { source } = await fixture.open();
  const impatient = new AbortController();
  const waiting = [
    source.caughtUp(),
    source.caughtUp({ signal: impatient.signal }).catch(() => 'gave up'),
    source.caughtUp(),
  ];
  impatient.abort();
  expect(await Promise.all(waiting)).toEqual([undefined, 'gave up', undefined]);
});
