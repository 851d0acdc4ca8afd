import { expect, test } from 'vitest';
import { LogLimiter } from '../../src/sources/log-limiter.js';

test('ten lines of a kind are logged at once, then one a second, which says how many were left out', () => {
  let nowMs = 0;
  const limiter = new LogLimiter(() => nowMs);
  const lines = Array.from({ length: 1_000 }, () => limiter.take('a'));
  expect(lines.filter((skipped) => skipped !== null)).toEqual(Array(10).fill(0));
  nowMs = 1_000;
  expect([limiter.take('a'), limiter.take('a')]).toEqual([990, null]);
  nowMs = 60_000;
  expect(limiter.take('a')).toBe(1);
});

test('a line of another kind has its own room', () => {
  const limiter = new LogLimiter(() => 0);
  for (let line = 0; line < 100; line++) limiter.take('a');
  expect(limiter.take('b')).toBe(0);
});
