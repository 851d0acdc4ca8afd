import type { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFixture, type Fixture } from './fixture.js';

const WRITERS = 16;
const READERS = 6;
const ROWS = 8;
/** How many events are followed by a read; `EVENTS=20000` for the long run. */
const EVENTS = Number(process.env.EVENTS ?? 4_000);

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
  await fixture.publish(
    `create table t (id int primary key, version int not null);
     insert into t select g, 0 from generate_series(1, ${ROWS}) g`,
    't',
  );
});
afterEach(() => fixture.end());

/** Lets writers contend for a few rows, and reads the row on every event: how many reads were older than it? */
async function staleReads(visibility: 'gated' | 'immediate'): Promise<{ stale: number; of: number }> {
  const { database } = fixture;
  const { source } = await fixture.open({ replication: { visibility } });
  const free = await Promise.all(Array.from({ length: READERS }, () => database.client()));
  const reads: Promise<boolean>[] = [];
  source.on('change', ({ key, after }) => {
    // A read that had to wait its turn would prove nothing: it is sent at once, or not at all.
    const reader = free.pop();
    if (reader === undefined || reads.length >= EVENTS) return;
    const read = reader.query('select version from t where id = $1', [key?.id]);
    reads.push(
      read.then(({ rows }) => {
        free.push(reader);
        return rows[0].version < Number(after?.version);
      }),
    );
  });
  const write = async (writer: Client, w: number) => {
    for (let i = 0; reads.length < EVENTS; i++) {
      await writer.query('update t set version = version + 1 where id = $1', [((i + w) % ROWS) + 1]);
    }
  };
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => database.client()));
  await Promise.all(writers.map(write));
  const results = await Promise.all(reads);
  return { stale: results.filter((stale) => stale).length, of: results.length };
}

test('gated, no query that an event gives rise to reads what was before', { timeout: 300_000 }, async () => {
  const result = await staleReads('gated');
  console.info(`gated: ${result.stale} stale of ${result.of}`);
  expect(result).toEqual({ stale: 0, of: EVENTS });
});

test('immediate, some do: so this test would notice', { timeout: 300_000 }, async () => {
  const result = await staleReads('immediate');
  console.info(`immediate: ${result.stale} stale of ${result.of}`);
  expect(result.of).toBe(EVENTS);
  expect(result.stale).toBeGreaterThan(0);
});
