import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusIntervalMs } from '../../../src/sources/replication/acknowledger.js';
import { senderTimeoutMs } from '../../../src/sources/replication/limits.js';
import { fullXid, isVisible, parseSnapshot } from '../../../src/sources/replication/snapshot.js';

describe('a transaction id of 32 bits', () => {
  test('stands for the full one nearest to now, across every wraparound', () => {
    const distance = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.maxSafeInteger().map(Math.abs), distance, (past, away) => {
        const now = Math.min(past + 2 ** 31, 2 ** 52);
        const xid = now + away;
        expect(fullXid(xid % 2 ** 32, now)).toBe(xid);
      }),
    );
  });
});

describe('a snapshot', () => {
  test.each([
    [9, true],
    [10, false],
    [11, true],
    [12, false],
    [13, true],
    [14, false],
    [99, false],
  ])('10:14:10,12 sees transaction %s: %s', (xid, visible) => {
    expect(isVisible(xid, parseSnapshot('10:14:10,12'))).toBe(visible);
  });

  test('sees all that is past where nothing runs', () => {
    const snapshot = parseSnapshot('10:10:');
    expect([isVisible(9, snapshot), isVisible(10, snapshot)]).toEqual([true, false]);
  });
});

describe('a status is sent', () => {
  test.each([
    [0, 1_000],
    [60_000, 1_000],
    [1_000, 250],
    [100, 25],
  ])('with wal_sender_timeout %s ms, every %s ms', (timeoutMs, everyMs) => {
    expect(statusIntervalMs(timeoutMs)).toBe(everyMs);
  });
});

describe('wal_sender_timeout is asked to be', () => {
  test.each([
    ['our patience, where the server has more', 60_000, 10_000, 10_000],
    ["the server's own, where that is shorter", 1_000, 10_000, 1_000],
    ['our patience, where the server has no limit', 0, 10_000, 10_000],
    ['five seconds at least, where we have hardly any', 60_000, 150, 5_000],
  ])('%s', (_, serverMs, silenceLimitMs, wanted) => {
    expect(senderTimeoutMs(serverMs, silenceLimitMs)).toBe(wanted);
  });
});
