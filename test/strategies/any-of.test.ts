import { expect, test } from 'vitest';
import { anyOf, greedy, timed, windowed } from '../../src/index.js';
import { kept, overBothSources } from './setup.js';

overBothSources('anyOf', (bench) => {
  test('drops what one of them drops at once, and the rest when the other does', async () => {
    const urgent = greedy({ predicate: ({ key }) => key?.id === 1 });
    const orders = await bench.orders(anyOf(urgent, windowed({ size: 10, maxWaitMs: 1_000 })));
    await bench.touch(2);
    await bench.touch(1);
    expect(kept(orders)).toEqual([2, 3]);
    bench.clock.advance(1_000);
    expect(kept(orders)).toEqual([3]);
  });

  test('drops by whichever bound is shorter, and not again by the longer one', async () => {
    const orders = await bench.orders(
      anyOf(windowed({ size: 10, maxWaitMs: 500 }), windowed({ size: 10, maxWaitMs: 2_000 })),
    );
    await bench.touch(1);
    bench.clock.advance(500);
    expect(kept(orders)).toEqual([2, 3]);
    await orders(1);
    bench.clock.advance(5_000);
    expect(kept(orders)).toEqual([1, 2, 3]);
    expect(bench.clock.timers).toBe(0);
  });

  test('is reset and closed as one', async () => {
    const orders = await bench.orders(
      anyOf(
        anyOf(timed({ intervalMs: 1_000 }), windowed({ size: 9, maxWaitMs: 700 })),
        windowed({ size: 9, maxWaitMs: 800 }),
      ),
    );
    await bench.touch(1);
    await bench.touch(2);
    expect(bench.clock.timers).toBe(3);
    orders.clear();
    expect(bench.clock.timers).toBe(0);
    await orders(3);
    await bench.touch(3);
    orders.close();
    expect(bench.clock.timers).toBe(0);
  });
});

overBothSources('one strategy handed to two caches', (bench) => {
  test('works in each of them for itself', async () => {
    const strategy = windowed({ size: 2, maxWaitMs: 1_000 });
    const [first, second] = [await bench.orders(strategy), await bench.orders(strategy)];
    second.invalidate(1);
    await bench.touch(1);
    await bench.touch(2);
    expect([kept(first), kept(second)]).toEqual([[3], [2, 3]]);
  });
});
