import { expect, test } from 'vitest';
import { cache, greedy, row, type timed, windowed } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { modes, openWatched } from '../support/open-watched.js';
import { until } from '../support/until.js';
import { kept, overBothSources } from './setup.js';

test.each(modes)('a gap forgets what strategies have collected and counted, over %s', async (mode) => {
  const watched = await openWatched(mode, {
    sql: 'create table orders (id int primary key, total int); insert into orders values (1, 1)',
    tables: ['orders'],
  });
  const { database, source, write } = watched;
  const clock = new ManualClock();
  const make = (strategy: ReturnType<typeof timed>) =>
    cache(async (id: number) => id, { source, strategy, clock, dependsOn: (id) => [row('orders', { id })] });
  const bySize = make(windowed({ size: 2, maxWaitMs: 1_000 }));
  const bySequence = make(windowed({ sequence: ['update', 'update'], maxWaitMs: 1_000 }));
  try {
    await Promise.all([bySize(1), bySequence(1)]);
    await write('update orders set total = 2');
    expect(clock.timers).toBe(2);
    const gaps: unknown[] = [];
    source.on('gap', (gap) => gaps.push(gap));
    await database.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
    await until(() => gaps.length > 0 && source.state === 'live', 'live again');
    expect(clock.timers).toBe(0);
    await Promise.all([bySize(1), bySequence(1)]);
    clock.advance(5_000);
    await write('update orders set total = 3');
    expect([bySize.peek(1) !== undefined, bySequence.peek(1) !== undefined]).toEqual([true, true]);
    await write('update orders set total = 4');
    expect([bySize.peek(1), bySequence.peek(1)]).toEqual([undefined, undefined]);
  } finally {
    bySize.close();
    bySequence.close();
    await watched.close();
  }
});

overBothSources('greedy', (bench) => {
  test('drops at once what a transaction concerns, and only by changes that count', async () => {
    const orders = await bench.orders(greedy({ predicate: ({ operation }) => operation !== 'delete' }));
    await bench.write('update orders set total = 1 where id = 1; delete from orders where id = 2');
    expect(kept(orders)).toEqual([2, 3]);
    await bench.write('insert into orders values (2)');
    expect(kept(orders)).toEqual([3]);
    expect(bench.clock.timers).toBe(0);
  });
});
