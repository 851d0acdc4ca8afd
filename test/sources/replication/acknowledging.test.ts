import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ChangeTransaction, parseLsn } from '../../../src/index.js';
import { startProxy } from '../../support/proxy.js';
import { createFixture, type Fixture, nextState } from './fixture.js';

// What is tested here is what comes after a reconnection, not how long it takes to come.
vi.mock('../../../src/sources/backoff.js', () => ({ backoffMs: () => 1 }));

/** How often the connection is cut; `KILLS=1000` for the long run. */
const KILLS = Number(process.env.KILLS ?? 100);
const SEED = Number(process.env.SEED ?? 20_260_101);
const WRITERS = 4;

let fixture: Fixture;

beforeEach(async () => {
  fixture = await createFixture();
});
afterEach(() => fixture.end());

/** Random numbers that are the same at every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const confirmed = async () => {
  const { rows } = await fixture.database.query(
    'select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = $1',
    [fixture.slot],
  );
  return parseLsn(rows[0].lsn);
};

describe('a durable slot', () => {
  test('of two adjacent commits, the second comes again where only the first was applied', async () => {
    await fixture.publish('create table t (id int primary key)', 't');
    const { database } = fixture;
    const [one, two] = [await database.client(), await database.client()];
    const distances: bigint[] = [];
    for (let id = 2; id <= 20; id += 2) {
      const first = await fixture.openDurable();
      const killed = new Promise<void>((resolve) => {
        // It goes while it is being told of the second, with the first applied.
        first.source.on('transaction', () => {
          if (first.transactions.length === 2) void first.source.close().then(resolve);
        });
      });
      await one.query('begin');
      await two.query('begin');
      await one.query('insert into t values ($1)', [id]);
      await two.query('insert into t values ($1)', [id + 1]);
      await Promise.all([one.query('commit'), two.query('commit')]);
      await killed;
      const [applied, lost] = first.transactions.map(({ commitLsn }) => parseLsn(commitLsn ?? ''));
      distances.push((lost ?? 0n) - (applied ?? 0n));
      const second = await fixture.openDurable();
      expect(second.transactions.map(({ commitLsn }) => parseLsn(commitLsn ?? ''))).toEqual([lost]);
      await second.source.close();
    }
    // With wal_level logical, a commit record takes 48 bytes: nothing was between them.
    expect(distances.filter((distance) => distance <= 48n).length).toBeGreaterThan(0);
  });

  test('is confirmed no further than what was applied, to the byte', async () => {
    await fixture.publish('create table t (id int primary key)', 't');
    const { database } = fixture;
    const { source, transactions } = await fixture.openDurable();
    const told = new Promise<void>((resolve) => {
      source.on('change', ({ key }) => {
        if (key?.id === 200) resolve();
      });
    });
    for (let i = 1; i <= 200; i++) await database.query('insert into t values ($1)', [i]);
    await told;
    await source.close();
    const last = parseLsn(transactions.at(-1)?.commitLsn ?? '0/0');
    const keepalives = await confirmed();
    // Up to the last commit, or where a keepalive has said that the server is: never what lies between.
    expect(keepalives <= last + 1n || keepalives >= last + 48n).toBe(true);
  });

  test('is confirmed up to all that was applied, when it is closed in the middle of a stream', async () => {
    await fixture.publish('create table t (id int primary key, filler text)', 't');
    const { database } = fixture;
    const applied = new Set<string | null>();
    for (let round = 0; round < 20; round++) {
      const { source, transactions } = await fixture.openDurable();
      const before = transactions.map(({ commitLsn }) => commitLsn);
      expect(before.filter((commitLsn) => applied.has(commitLsn))).toEqual([]);
      const closed = new Promise<void>((resolve) => {
        source.on('transaction', () => {
          // Not at once: what it is being told of would not be applied yet.
          if (transactions.length - before.length === 5) setImmediate(() => source.close().then(resolve));
        });
      });
      await database.query(`do $$ begin for i in 1 .. 200 loop
        insert into t values (i + ${round} * 1000, repeat('x', 2000)); commit; end loop; end $$`);
      await closed;
      for (const { commitLsn } of transactions) applied.add(commitLsn);
    }
  });

  test(
    `after ${KILLS} random kills nothing is missing, doubled, or out of order`,
    { timeout: 60_000 + KILLS * 400 },
    async () => {
      await fixture.publish(
        'create table a (id int primary key); create table b (id int primary key)',
        'a',
        'b',
      );
      const { database } = fixture;
      const proxy = await startProxy(database.url);
      try {
        const next = random(SEED);
        const { source, transactions, gaps } = await fixture.openDurable({ connection: proxy.url });
        let writing = true;
        let written = 0;
        /** Each writes its own numbers, in order, two tables at a time, with pauses inside the transactions. */
        const write = async (writer: Client, w: number) => {
          let count = 0;
          while (writing) {
            const id = w * 10_000_000 + count++;
            await writer.query('begin');
            await writer.query('insert into a values ($1)', [id]);
            await writer.query('insert into b values ($1)', [id]);
            await writer.query(next() < 0.1 ? 'rollback' : 'commit');
            written++;
          }
          return count;
        };
        const writers = await Promise.all(Array.from({ length: WRITERS }, () => database.client()));
        const done = Promise.all(writers.map(write));
        let kills = 0;
        while (kills < KILLS) {
          const pause = Math.floor(next() * 30);
          await new Promise((resolve) => setTimeout(resolve, pause));
          const kind = next();
          if (kind < 0.4) proxy.cut();
          else if (kind < 0.7) await fixture.kill('replication').catch(() => {});
          else if (kind < 0.9) await fixture.kill().catch(() => {});
          else await fixture.kill('gate').catch(() => {});
          kills++;
        }
        writing = false;
        await done;
        if (source.state !== 'live') await nextState(source, 'live');
        await source.caughtUp();
        const { rows } = await database.query('select id from a order by id');
        const together = transactions.map(({ changes }: ChangeTransaction) =>
          [...changes].map(({ key }) => Number(key?.id)),
        );
        expect(together.every((ids) => ids.length === 2 && ids[0] === ids[1])).toBe(true);
        const ids = together.map(([id]) => id ?? -1);
        expect(ids.length).toBe(rows.length);
        expect([...ids].sort((x, y) => x - y)).toEqual(rows.map(({ id }) => id));
        for (let w = 0; w < WRITERS; w++) {
          const own = ids.filter((id) => Math.floor(id / 10_000_000) === w);
          expect(own).toEqual([...own].sort((x, y) => x - y));
        }
        const lsns = transactions.map(({ commitLsn }) => parseLsn(commitLsn ?? '0/0'));
        expect(lsns.every((lsn, i) => i === 0 || lsn > (lsns[i - 1] ?? 0n))).toBe(true);
        expect(gaps).toEqual([]);
        console.info(`${kills} kills, ${written} transactions written, ${ids.length} told`);
      } finally {
        await fixture.end();
        await proxy.close();
        fixture = await createFixture();
      }
    },
  );
});
