import { describe, expect, it } from 'vitest';
import { runBurst } from '../../src/demo/burst.js';
import { type Observer, type Reading, runScenario, type Write } from '../../src/demo/scenario.js';

/** A database of one number a name, and caches over it that drop what `drops` says. */
class Shop {
  readonly truth: Record<string, number> = { a: 1, b: 1 };
  readonly #cached = new Map<string, number>();
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly drops: (written: string) => string[],
    readonly mode = 'test',
  ) {}

  get observer(): Observer {
    return {
      mode: this.mode,
      readings: this.readings,
      caughtUp: () => Promise.resolve(),
      onTold: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

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
    for (const listener of this.#listeners) listener();
  };
}

const writes: Write[] = [{ title: 'a changes', statements: ['a'], drops: ['a'] }];

function play(shop: Shop, ...others: Shop[]): Promise<string[]> {
  const shops = [shop, ...others];
  const execute = (statement: string) => Promise.all(shops.map((each) => each.execute(statement)));
  const observers = shops.map(({ observer }) => observer);
  return runScenario({ observers, writes, execute, report: () => {} });
}

describe("the demo's verification", () => {
  it('finds nothing wrong where exactly the changed result is dropped', async () => {
    expect(await play(new Shop((written) => [written]))).toEqual([]);
  });

  it('finds a cache that never drops: late, and stale', async () => {
    expect(await play(new Shop(() => []))).toEqual([
      'test: a was not dropped',
      'test: a is stale: the cache says 1, the database 2',
    ]);
  });

  it('finds a cache that drops the wrong result as well', async () => {
    expect(await play(new Shop(() => ['a', 'b']))).toEqual([
      'test: b was dropped, and nothing it depends on had changed',
    ]);
  });

  it('finds the one observer of two that never drops', async () => {
    const [good, bad] = [new Shop((written) => [written], 'good'), new Shop(() => [], 'bad')];
    expect(await play(good, bad)).toEqual([
      'bad: a was not dropped',
      'bad: a is stale: the cache says 1, the database 2',
    ]);
  });

  it('finds a drop that comes before the commit', async () => {
    const shop = new Shop((written) => [written]);
    const execute = async (statement: string) => {
      if (statement !== 'COMMIT') await shop.execute('a');
      await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const write = { title: 'a changes', statements: ['a', 'COMMIT'], drops: ['a'] };
    const observers = [shop.observer];
    expect(await runScenario({ observers, writes: [write], execute, report: () => {} })).toEqual([
      'test: a was dropped before the commit',
    ]);
  });

  it('finds a result that was stale before anybody wrote', async () => {
    const shop = new Shop((written) => [written]);
    await shop.readings[1]?.cached();
    shop.truth.b = 7;
    expect(await play(shop)).toContain('test: b is stale: the cache says 1, the database 7');
  });

  it('counts the stale reads of a burst', async () => {
    const burst = async (shop: Shop) => {
      return runBurst({ observers: [shop.observer], name: 'a', times: 5, write: () => shop.execute('a') });
    };
    expect(await burst(new Shop((written) => [written]))).toMatchObject([{ stale: 0 }]);
    expect(await burst(new Shop(() => []))).toMatchObject([{ mode: 'test', stale: 5, dropMs: [] }]);
  });
});
