import { expect, test } from 'vitest';
import { windowed } from '../../src/index.js';
import { kept, overBothSources } from './setup.js';

overBothSources('windowed by size', (bench) => {
  const strategy = windowed({ size: 3, maxWaitMs: 1_000 });

  test('drops what was collected after so many changes', async () => {
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    await bench.touch(2);
    expect(kept(orders)).toEqual([1, 2, 3]);
    await bench.touch(1);
    expect(kept(orders)).toEqual([3]);
    expect(bench.clock.timers).toBe(0);
  });

  test('begins to count anew after a drop', async () => {
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    await bench.touch(1);
    await bench.touch(1);
    await orders(1);
    await bench.touch(1);
    await bench.touch(2);
    expect(kept(orders)).toEqual([1, 2, 3]);
  });

  test('does not count changes of what nobody has asked for', async () => {
    const orders = await bench.orders(strategy);
    await bench.touch(4);
    await bench.touch(1);
    await bench.touch(2);
    expect(kept(orders)).toEqual([1, 2, 3]);
  });

  test('does not divide a transaction, even where it completes the window in its midst', async () => {
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    await bench.touch(1, 1, 2, 3);
    expect(kept(orders)).toEqual([]);
  });

  test('drops maxWaitMs after the first change, however few there were', async () => {
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    bench.clock.advance(600);
    await bench.touch(2);
    bench.clock.advance(399);
    expect(kept(orders)).toEqual([1, 2, 3]);
    bench.clock.advance(1);
    expect(kept(orders)).toEqual([3]);
  });

  test('after maxWaitMs, counts and waits from the next change on', async () => {
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    await bench.touch(1);
    bench.clock.advance(1_500);
    await bench.touch(2);
    bench.clock.advance(999);
    expect(kept(orders)).toEqual([2, 3]);
    bench.clock.advance(1);
    expect(kept(orders)).toEqual([3]);
  });

  test('forgets its count when the cache is cleared, and leaves no timer when it is closed', async () => {
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    await bench.touch(2);
    orders.clear();
    expect(bench.clock.timers).toBe(0);
    await orders(1);
    await bench.touch(1);
    expect(kept(orders)).toEqual([1]);
    expect(bench.clock.timers).toBe(1);
    orders.close();
    expect(bench.clock.timers).toBe(0);
  });
});

overBothSources('windowed by sequence', (bench) => {
  test('drops when the last operations were these, whatever they were done to', async () => {
    const orders = await bench.orders(windowed({ sequence: ['insert', 'update', 'delete'] }));
    await bench.write('insert into others values (1)');
    await bench.touch(1);
    expect(kept(orders)).toEqual([1, 2, 3]);
    await bench.write('delete from others');
    expect(kept(orders)).toEqual([2, 3]);
  });

  test('is not completed by an order that another operation interrupts', async () => {
    const orders = await bench.orders(windowed({ sequence: ['update', 'delete'] }));
    await bench.touch(1);
    await bench.write('insert into others values (1)');
    await bench.write('delete from others');
    expect(kept(orders)).toEqual([1, 2, 3]);
  });

  test('may be completed within a transaction, all of whose changes are dropped with it', async () => {
    const orders = await bench.orders(windowed({ sequence: ['update', 'delete'] }));
    await bench.write(`update orders set total = 1 where id = 1; delete from others; delete from orders where id = 4;
      insert into orders values (4); update orders set total = 1 where id = 2`);
    expect(kept(orders)).toEqual([3]);
  });

  test('counts only what the predicate lets through', async () => {
    const strategy = windowed({
      sequence: ['update', 'update'],
      predicate: ({ table }) => table === 'orders',
    });
    const orders = await bench.orders(strategy);
    await bench.touch(1);
    await bench.write('insert into others values (1); delete from others');
    await bench.touch(2);
    expect(kept(orders)).toEqual([3]);
  });

  test('with maxWaitMs, drops though the sequence has not come', async () => {
    const orders = await bench.orders(windowed({ sequence: ['truncate'], maxWaitMs: 1_000 }));
    await bench.touch(1);
    bench.clock.advance(999);
    await bench.touch(2);
    expect(kept(orders)).toEqual([1, 2, 3]);
    bench.clock.advance(1);
    expect(kept(orders)).toEqual([3]);
    expect(bench.clock.timers).toBe(0);
  });

  test('without it, sets no timer and waits for ever', async () => {
    const orders = await bench.orders(windowed({ sequence: ['truncate'] }));
    await bench.touch(1, 2);
    expect(bench.clock.timers).toBe(0);
    bench.clock.advance(1e9);
    expect(kept(orders)).toEqual([1, 2, 3]);
    await bench.write('truncate others');
    expect(kept(orders)).toEqual([3]);
  });

  test('begins anew when the cache is cleared', async () => {
    const orders = await bench.orders(windowed({ sequence: ['update', 'update'] }));
    await bench.touch(1);
    orders.clear();
    await orders(2);
    await bench.touch(2);
    expect(kept(orders)).toEqual([2]);
    await bench.touch(2);
    expect(kept(orders)).toEqual([]);
  });
});
