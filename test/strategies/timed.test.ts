import { expect, test } from 'vitest';
import { timed } from '../../src/index.js';
import { kept, overBothSources } from './setup.js';

overBothSources('timed', (bench) => {
  test('drops the first change at once, and what follows at the end of the interval', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000 }));
    await bench.touch(1);
    expect(kept(orders)).toEqual([2, 3]);
    bench.clock.advance(300);
    await bench.touch(2);
    bench.clock.advance(699);
    expect(kept(orders)).toEqual([2, 3]);
    bench.clock.advance(1);
    expect(kept(orders)).toEqual([3]);
    expect(bench.clock.timers).toBe(0);
  });

  test('drops at once again when the last drop is an interval ago', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000 }));
    await bench.touch(1);
    bench.clock.advance(999);
    await bench.touch(2);
    expect(kept(orders)).toEqual([2, 3]);
    bench.clock.advance(1);
    expect(kept(orders)).toEqual([3]);
    bench.clock.advance(1_000);
    await bench.touch(3);
    expect(kept(orders)).toEqual([]);
  });

  test('drops all that one transaction concerns together', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000 }));
    await bench.touch(1, 2);
    expect(kept(orders)).toEqual([3]);
  });

  test('with a predicate, neither collects nor starts an interval for a change that does not count', async () => {
    const strategy = timed({ intervalMs: 1_000, predicate: ({ key }) => key?.id !== 1 });
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    await bench.touch(2);
    expect(kept(orders)).toEqual([1, 3]);
    await bench.touch(1);
    expect(bench.clock.timers).toBe(0);
    bench.clock.advance(5_000);
    expect(kept(orders)).toEqual([1, 3]);
  });

  test('does not begin an interval for a change of what nobody has asked for', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000 }));
    await bench.touch(5);
    await bench.touch(1);
    expect(kept(orders)).toEqual([2, 3]);
  });

  test('does not drop at the end of the interval what was loaded after the change', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000 }));
    await bench.touch(1);
    await bench.touch(2);
    orders.invalidate(2);
    const total = await orders(2);
    bench.clock.advance(2_000);
    expect(kept(orders)).toEqual([2, 3]);
    await expect(orders.peek(2)).resolves.toBe(total);
  });

  test('forgets what it has collected when the cache is cleared', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000 }));
    await bench.touch(1);
    await bench.touch(2);
    orders.clear();
    expect(bench.clock.timers).toBe(0);
    await orders(2);
    bench.clock.advance(2_000);
    expect(kept(orders)).toEqual([2]);
  });

  test('leaves no timer when the cache is closed', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000 }));
    await bench.touch(1);
    await bench.touch(2);
    expect(bench.clock.timers).toBe(1);
    orders.close();
    await bench.touch(3);
    expect(bench.clock.timers).toBe(0);
  });

  test('without trailing, drops by the first change after the interval, which begins with the cache', async () => {
    const orders = await bench.orders(timed({ intervalMs: 1_000, trailing: false }));
    await bench.touch(1);
    bench.clock.advance(999);
    await bench.touch(2);
    expect(kept(orders)).toEqual([1, 2, 3]);
    bench.clock.advance(5_000);
    expect(kept(orders)).toEqual([1, 2, 3]);
    expect(bench.clock.timers).toBe(0);
    await bench.write('insert into others values (1)');
    expect(kept(orders)).toEqual([3]);
    await bench.write('delete from others');
  });
});
