import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sieve, type Sieved } from '../../src/cache/sieve.js';

const entryOf = (key: number): Sieved => ({ key, isUsed: false });

function filled(...keys: number[]): Sieve<Sieved> {
  const sieve = new Sieve<Sieved>();
  for (const key of keys) sieve.add(entryOf(key));
  return sieve;
}

/** Lets one go, and tells which. */
function letGo(sieve: Sieve<Sieved>): unknown {
  const entry = sieve.oldest();
  if (entry) sieve.delete(entry);
  return entry?.key;
}

describe('a sieve', () => {
  it('lets the oldest go that was not used, and those that were used when all others are gone', () => {
    const sieve = filled(1, 2, 3, 4);
    sieve.get(1);
    sieve.get(3);
    sieve.peek(2);
    expect(Array.from({ length: 5 }, () => letGo(sieve))).toEqual([2, 4, 1, 3, undefined]);
  });

  it('lets one go that was not used again since it was spared', () => {
    const sieve = filled(1, 2);
    sieve.get(1);
    expect(letGo(sieve)).toBe(2);
    sieve.add(entryOf(3));
    sieve.get(3);
    expect(letGo(sieve)).toBe(1);
  });

  it('goes on after entries were removed beneath its hand, and after it was emptied', () => {
    const sieve = filled(1, 2, 3);
    expect(letGo(sieve)).toBe(1);
    for (const key of [2, 3]) {
      const entry = sieve.peek(key);
      if (entry) sieve.delete(entry);
    }
    sieve.add(entryOf(4));
    expect(letGo(sieve)).toBe(4);
    sieve.add(entryOf(5));
    sieve.clear();
    expect([sieve.size, letGo(sieve)]).toEqual([0, undefined]);
    sieve.add(entryOf(6));
    expect(letGo(sieve)).toBe(6);
  });

  it('removes no entry for another of the same key', () => {
    const sieve = filled(1);
    expect(sieve.delete(entryOf(1))).toBe(false);
    expect(sieve.size).toBe(1);
  });

  it('for any use, finds whatever is in it and was not used before what was', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 60 }), (keys) => {
        const sieve = new Sieve<Sieved>();
        for (const key of keys) {
          if (sieve.get(key)) continue;
          while (sieve.size >= 4) {
            const unused = [...Array(10).keys()].filter((each) => sieve.peek(each)?.isUsed === false);
            const gone = letGo(sieve);
            if (unused.length > 0) expect(unused).toContain(gone);
          }
          sieve.add(entryOf(key));
        }
        expect(sieve.size).toBe(Math.min(4, new Set(keys).size));
      }),
    );
  });
});
