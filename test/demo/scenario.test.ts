import { describe, expect, it } from 'vitest';
import { runBurst } from '../../src/demo/burst.js';
import { type Reading, runScenario, type Write } from '../../src/demo/scenario.js';

/** A database of one number a name, and caches over it that drop what `drops` says. */
class Shop {
  readonly truth: Record<string, number> = { a: 1, b: 1 };
  readonly #cached = new Map<string, number>();

  constructor(readonly drops: (written: string) => string[]) {}

  readonly readings: Reading[] = ['a', 'b'].map((name) => {
    let hits = 0;
    return {
      name,
      cached: async () => {
        const value = this.#cached.get(name);
        if (value !== undefined) hits += 1;
        else this.#cached.set(name, this.truth[name] ?? 0);
        return this.#cached.get(name);
      },
      direct: async () => this.truth[name],
      isCached: () => this.#cached.has(name),
      hits: () => hits,
    };
  });

  readonly execute = async (written: string): Promise<void> => {
    this.truth[written] = (this.truth[written] ?? 0) + 1;
    for (const name of this.drops(written)) this.#cached.delete(name);
  };
}

const writes: Write[] = [{ title: 'a changes', statements: ['a'], drops: ['a'] }];

function play(shop: Shop): Promise<string[]> {
  const { readings, execute } = shop;
  const caughtUp = () => Promise.resolve();
  return runScenario({ readings, writes, execute, caughtUp, report: () => {}, dropWithinMs: 20 });
}

describe("the demo's verification", () => {
  it('finds nothing wrong where exactly the changed result is dropped', async () => {
    expect(await play(new Shop((written) => [written]))).toEqual([]);
  });

  it('finds a cache that never drops: late, and stale', async () => {
    expect(await play(new Shop(() => []))).toEqual([
      'a was not dropped within 20 ms',
      'a is stale: the cache says 1, the database 2',
    ]);
  });

  it('finds a cache that drops the wrong result as well', async () => {
    expect(await play(new Shop(() => ['a', 'b']))).toEqual([
      'b was dropped, and nothing it depends on had changed',
    ]);
  });

  it('finds a drop that comes before the commit', async () => {
    const shop = new Shop((written) => [written]);
    const { readings } = shop;
    const execute = async (statement: string) => {
      if (statement !== 'COMMIT') await shop.execute('a');
      await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const write = { title: 'a changes', statements: ['a', 'COMMIT'], drops: ['a'] };
    const caughtUp = () => Promise.resolve();
    expect(await runScenario({ readings, writes: [write], execute, caughtUp, report: () => {} })).toEqual([
      'a was dropped before the commit',
    ]);
  });

  it('finds a result that was stale before anybody wrote', async () => {
    const shop = new Shop((written) => [written]);
    await shop.readings[1]?.cached();
    shop.truth.b = 7;
    expect(await play(shop)).toContain('b is stale: the cache says 1, the database 7');
  });

  it('counts the stale reads of a burst', async () => {
    const burst = async (shop: Shop) => {
      const reading = shop.readings[0];
      if (reading === undefined) throw new Error('no reading');
      const caughtUp = () => Promise.resolve();
      return runBurst({ reading, times: 5, write: () => shop.execute('a'), caughtUp });
    };
    expect(await burst(new Shop((written) => [written]))).toMatchObject({ stale: 0 });
    expect(await burst(new Shop(() => []))).toMatchObject({ stale: 5, dropMs: [] });
  });
});
