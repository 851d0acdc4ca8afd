import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesOf, Slab } from '../../../src/sources/replication/slab.js';

test('copies of any length are the same bytes, also when other copies have been read in between', () => {
  const slab = new Slab();
  const source = randomBytes(4 * 1024 * 1024);
  const lengths = [1, 63, 64, 65, 2047, 2048, 2049, 8191, 8192, 20_000, 1_048_576, 1_048_577, 3_000_000];
  const copies = lengths.map((length) => ({ length, ...slab.copy(source, 7, 7 + length) }));
  source.subarray(0, 7).fill(0);
  for (const { length, content, start } of copies.concat(copies.toReversed())) {
    const bytes = bytesOf(content).subarray(start, start + length);
    expect(bytes.equals(source.subarray(7, 7 + length))).toBe(true);
  }
});
