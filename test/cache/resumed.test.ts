import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { cache, row, type Strategy, timed, windowed } from '../../src/index.js';
import { openWatched } from '../support/open-watched.js';

const A_MINUTE = 60_000;

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 500 }));

describe('what has changed while the connection of a durable slot was lost', () => {
  it.each<[string, Strategy]>([
    ['timed', timed({ intervalMs: A_MINUTE })],
    ['windowed by size', windowed({ size: 100, maxWaitMs: A_MINUTE })],
    ['windowed by operations', windowed({ sequence: ['delete', 'delete'], maxWaitMs: A_MINUTE })],
  ])('is dropped before it is live again, though the strategy (%s) would wait', async (_, strategy) => {
    const slot = { name: `test_${randomBytes(6).toString('hex')}` };
    const { database, source, write, close } = await openWatched('replication', {
      sql: 'create table stock (id int primary key, amount int); insert into stock values (1, 10), (2, 20)',
      tables: ['stock'],
      source: { replication: { slot } },
    });
    try {
      const amountOf = cache(
        async (id: number): Promise<number> =>
          (await database.query('select amount from stock where id = $1', [id])).rows[0].amount,
        { source, strategy, dependsOn: (id) => [row('stock', { id })] },
      );
      await amountOf(1);
      // The first drop of `timed`, which is at once.
      await write('update stock set amount = 11 where id = 1');
      expect(await amountOf(2)).toBe(20);
      const isLiveAgain = new Promise<void>((resolve) => {
        source.on('state', (state) => state === 'live' && resolve());
      });
      // It commits when the connection is gone, and before there can be another one.
      await database.query(`begin; update stock set amount = 21 where id = 2;
        select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = '${slot.name}';
        commit`);
      await isLiveAgain;
      expect(await amountOf(2)).toBe(21);
      expect(amountOf.statistics.invalidations).toMatchObject({ gap: 0 });
    } finally {
      await close();
    }
  });
});
