import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyOf, type ChangeEvent, greedy, type Strategy, timed, windowed } from '../../src/index.js';
import { anySequence, Follower } from './any-sequence.js';

type Predicate = (change: ChangeEvent) => boolean;

const predicates: readonly Predicate[] = [() => true, ({ operation }) => operation !== 'insert'];

const strategies: Readonly<Record<string, { boundMs: number; make: (predicate: Predicate) => Strategy }>> = {
  greedy: { boundMs: 0, make: (predicate) => greedy({ predicate }) },
  timed: { boundMs: 10, make: (predicate) => timed({ intervalMs: 10, predicate }) },
  'windowed by size': {
    boundMs: 10,
    make: (predicate) => windowed({ size: 3, maxWaitMs: 10, predicate }),
  },
  'windowed by sequence': {
    boundMs: 10,
    make: (predicate) => windowed({ sequence: ['update', 'delete'], maxWaitMs: 10, predicate }),
  },
  anyOf: {
    boundMs: 7,
    make: (predicate) =>
      anyOf(timed({ intervalMs: 10, predicate }), windowed({ size: 4, maxWaitMs: 7, predicate })),
  },
};

describe('for any sequence of transactions, calls, pauses, gaps and clearings', () => {
  test.each(
    Object.entries(strategies),
  )('%s serves nothing past its bound, drops nothing that is not concerned, and leaves no timer', async (_, {
    boundMs,
    make,
  }) => {
    for (const counts of predicates) {
      const holds = fc.asyncProperty(anySequence, (steps) =>
        new Follower(make(counts), boundMs, counts).follow(steps),
      );
      await fc.assert(holds, { numRuns: 1_000 });
    }
  });

  test('timed drops at most once per interval', async () => {
    const holds = fc.asyncProperty(anySequence, async (steps) => {
      const follower = new Follower(timed({ intervalMs: 10 }), 10, () => true);
      await follower.follow(steps);
      const pauses = follower.dropsAt.slice(1).map((at, i) => at - (follower.dropsAt[i] ?? 0));
      expect(pauses.every((ms) => ms >= 10)).toBe(true);
    });
    await fc.assert(holds, { numRuns: 1_000 });
  });
});
