import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sieve, type Sieved } from '../../src/cache/sieve.js';
import { collectGarbage } from './collect-garbage.js';

interface Plain extends Sieved<Plain> {}

const entryOf = (key: number): Plain => ({ key, isKept: false, isUsed: false, newer: null, older: null });

function filled(...keys: number[]): Sieve<Plain> {
  const sieve = new Sieve<Plain>();
  for (const key of keys) sieve.add(entryOf(key));
  return sieve;
}

/** Lets one go, and tells which. */
function letGo(sieve: Sieve<Plain>): unknown {
  const entry = sieve.next();
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

  it('keeps nothing of what was removed, whatever its hand has pointed at', async () => {
    const sieve = filled(0);
    letGo(sieve);
    const removed = Array.from({ length: 5000 }, (_, key) => {
      const entry = entryOf(key);
      sieve.add(entry);
      sieve.delete(entry);
      return new WeakRef(entry);
    });
    await collectGarbage();
    // A closure or a register may hold the last one.
    expect(removed.filter((entry) => entry.deref() !== undefined).length).toBeLessThan(3);
  });

  it('removes no entry for another of the same key', () => {
    const sieve = filled(1);
    expect(sieve.delete(entryOf(1))).toBe(false);
    expect(sieve.size).toBe(1);
  });

  it('for any use, finds whatever is in it and was not used before what was', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 60 }), (keys) => {
        const sieve = new Sieve<Plain>();
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
