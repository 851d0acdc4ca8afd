import { expect, test } from 'vitest';
import { cache } from '../../src/index.js';
import { HandMadeSource } from '../strategies/hand-made-source.js';

test.each<[what: string, sizeOf: () => number]>([
  [
    'throws',
    () => {
      throw new Error('from sizeOf');
    },
  ],
  ['returns no number', () => Number.NaN],
  ['returns less than nothing', () => -1],
])('a value whose sizeOf %s reaches its callers and is not kept', async (_, sizeOf) => {
  const source = new HandMadeSource();
  const cached = cache(async (id: number) => id, { source, maxBytes: 10, sizeOf });
  expect([await cached(1), await cached(2)]).toEqual([1, 2]);
  expect(cached.statistics).toMatchObject({ entries: 0, bytes: 0 });
});
