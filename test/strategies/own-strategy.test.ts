import { expect, test } from 'vitest';
import { anyOf, type ChangeTransaction, type Strategy, timed, windowed } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { changeOf } from './hand-made-source.js';
import { kept, overBothSources } from './setup.js';

/** Drops at every second transaction. */
const everySecond: Strategy = {
  attach(context) {
    const collected = context.collection();
    let count = 0;
    return {
      apply({ changes }) {
        for (const change of changes) collected.add(change);
        if (++count % 2 === 0) collected.drop();
      },
      reset() {
        count = 0;
      },
      close() {},
    };
  },
};

overBothSources('a strategy of a user', (bench) => {
  test('decides when what was collected is dropped', async () => {
    const orders = await bench.orders(everySecond);
    await bench.touch(1);
    expect(kept(orders)).toEqual([1, 2, 3]);
    await bench.touch(2);
    expect(kept(orders)).toEqual([3]);
  });

  test('that throws has lost the transaction: the cache is emptied', async () => {
    const failing: Strategy = {
      attach: () => ({
        apply() {
          throw new Error('from the strategy');
        },
        reset() {},
        close() {},
      }),
    };
    const orders = await bench.orders(failing);
    await bench.touch(1);
    expect(kept(orders)).toEqual([]);
  });
});

const transaction: ChangeTransaction = {
  xid: null,
  commitLsn: null,
  committedAt: null,
  changes: [changeOf(1, 'update')],
};

test.each<[name: string, strategy: Strategy]>([
  ['timed', timed({ intervalMs: 10 })],
  ['windowed', windowed({ size: 5, maxWaitMs: 10 })],
  ['anyOf', anyOf(windowed({ size: 5, maxWaitMs: 10 }), timed({ intervalMs: 10 }))],
])('%s by itself leaves no timer when it is closed, and none when it is reset', (_, strategy) => {
  const clock = new ManualClock();
  const active = strategy.attach({ clock, collection: () => ({ add: () => true, drop() {} }) });
  for (const end of ['reset', 'close'] as const) {
    active.apply(transaction);
    active.apply(transaction);
    expect(clock.timers).toBeGreaterThan(0);
    active[end]();
    expect(clock.timers).toBe(0);
  }
});
