import { describe, expect, test } from 'vitest';
import { PgCacheWatchError } from '../../../src/errors.js';
import { LookPause } from '../../../src/sources/auto/look-pause.js';
import { reserveOf } from '../../../src/sources/auto/reserve.js';
import { standsInFor } from '../../../src/sources/auto/stand-in.js';

describe('the pause between looks for replication', () => {
  test('doubles with each attempt that fails, up to half an hour', () => {
    const pause = new LookPause(60_000, () => 0);
    const pauses = Array.from({ length: 8 }, () => {
      pause.replicationFailed();
      return pause.ms / 60_000;
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test('doubles where replication came back and did not last as long', () => {
    let now = 0;
    const pause = new LookPause(60_000, () => now);
    const pauses: number[] = [];
    for (let i = 0; i < 3; i++) {
      pause.replicationLive();
      now += 1_000;
      // Lost and back: it is the same stay.
      pause.replicationLive();
      now += 1_000;
      pause.notifyLive();
      pauses.push(pause.ms / 60_000);
    }
    expect(pauses).toEqual([1, 2, 4]);
    pause.replicationLive();
    now += 4 * 60_000;
    pause.notifyLive();
    expect(pause.ms).toBe(60_000);
  });
});

describe('notify stands in', () => {
  const server = (code: string) => Object.assign(new Error('refused'), { severity: 'ERROR', code });
  test.each<[string, unknown, number, boolean]>([
    ['at once for what waiting will not mend', server('42501'), 1, true],
    ['at once where no slot is free', server('53400'), 1, true],
    ['at once where no sender is free', server('53300'), 1, true],
    ['at once where the slot is in use', new PgCacheWatchError('SLOT_IN_USE', 'x'), 1, true],
    ['at once where the slot is blocked', new PgCacheWatchError('SLOT_BLOCKED', 'x'), 1, true],
    ['not yet where the server was silent once', new PgCacheWatchError('SILENT', 'x'), 1, false],
    ['where it was silent again', new PgCacheWatchError('SILENT', 'x'), 2, true],
    ['where it refuses again, whatever it is', server('XX000'), 2, true],
    ['never for a server that is being stopped', server('57P01'), 9, false],
    ['never for a connection that breaks', server('08006'), 9, false],
    ['never for an address that leads to two servers', new PgCacheWatchError('CONNECTION', 'x'), 9, false],
    ['never for a network that is gone', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 9, false],
  ])('%s', (_, error, failures, expected) => {
    expect(standsInFor(error, failures) !== null).toBe(expected);
  });
});

test.each([
  [1, 0],
  [2, 1],
  [4, 2],
  [5, 2],
  [10, 2],
  [20, 4],
  [100, 20],
])('of %i slots or senders, auto leaves %i for others', (most, left) => {
  expect(reserveOf(most)).toBe(left);
});
