import { describe, expect, test } from 'vitest';
import { anyOf, greedy, timed, windowed } from '../../src/index.js';

/** As a program that no compiler has checked would call it. */
const made = (make: unknown, ...args: unknown[]) => {
  if (typeof make !== 'function') throw new Error('not a function');
  return () => Reflect.apply(make, undefined, args);
};

describe('options of strategies that cannot be meant are refused at once', () => {
  test.each([
    ['greedy with a predicate that is no function', made(greedy, { predicate: 'update' })],
    ['timed without an interval', made(timed, {})],
    ['timed every 0 ms', made(timed, { intervalMs: 0 })],
    ['timed every half millisecond', made(timed, { intervalMs: 0.5 })],
    ['timed every month, which no timer can wait for', made(timed, { intervalMs: 2 ** 31 })],
    ['timed with a predicate that is no function', made(timed, { intervalMs: 5, predicate: 1 })],
    ['windowed with nothing', made(windowed, {})],
    ['windowed by an empty sequence', made(windowed, { sequence: [] })],
    ['windowed by an operation that there is not', made(windowed, { sequence: ['upsert'] })],
    ['windowed by a text', made(windowed, { sequence: 'insert' })],
    ['windowed by size without a longest wait', made(windowed, { size: 3 })],
    ['windowed by a size of 0', made(windowed, { size: 0, maxWaitMs: 5 })],
    ['windowed with a wait of 0', made(windowed, { sequence: ['insert'], maxWaitMs: 0 })],
    [
      'windowed by both a sequence and a size',
      made(windowed, { sequence: ['insert'], size: 3, maxWaitMs: 5 }),
    ],
    ['anyOf nothing', made(anyOf)],
    ['anyOf what is no strategy', made(anyOf, greedy(), 'timed')],
    ['anyOf a list', made(anyOf, [greedy()])],
  ])('%s', (_, make) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', remedy: expect.stringMatching(/\w/) }),
    );
  });
});
