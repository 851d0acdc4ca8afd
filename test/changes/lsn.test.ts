import { expect, test } from 'vitest';
import { formatLsn, lsn, parseLsn } from '../../src/changes/lsn.js';

test('every spelling of a position is the same position', () => {
  expect(parseLsn('00000000/015291B8')).toBe(parseLsn('0/15291b8'));
  expect(formatLsn(parseLsn('00000000/015291B8'))).toBe('0/15291B8');
  expect(formatLsn(parseLsn('FFFFFFFF/FFFFFFFF'))).toBe('FFFFFFFF/FFFFFFFF');
});

test('positions compare as numbers, beyond 2^53', () => {
  expect(parseLsn('FF000000/2') > parseLsn('FF000000/1')).toBe(true);
  expect(parseLsn('10/0') > parseLsn('9/FFFFFFFF')).toBe(true);
});

test('64 signed bits are read as unsigned', () => {
  expect(formatLsn(lsn(-1n))).toBe('FFFFFFFF/FFFFFFFF');
});

test.each(['', '0', '0/', '/0', '0/1/2', 'g/0', '0/123456789'])('%j is no LSN', (text) => {
  expect(() => parseLsn(text)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
});
