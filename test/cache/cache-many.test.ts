import { describe, expect, it } from 'vitest';
import { type CacheOptions, cacheMany, type ManyContext, row } from '../../src/index.js';
import { until } from '../support/until.js';
import { useShop } from './use-shop.js';

interface Load {
  readonly keys: readonly number[];
  readonly context: ManyContext<number>;
  finish(values?: ReadonlyMap<number, string> | readonly string[]): void;
  fail(error: Error): void;
}
type Given = ReadonlyMap<number, string> | readonly string[];

describe('cacheMany', () => {
  const shop = useShop();

  /** Loads that end when they are told to, by default with 'v1' for 1 and so on. */
  function manual(options: Partial<CacheOptions<[key: number], string | undefined>> = {}) {
    const loads: Load[] = [];
    const load = (keys: readonly number[], context: ManyContext<number>) =>
      new Promise<Given>((resolve, fail) => {
        const finish = (values: Given = keys.map((key) => `v${key}`)) => resolve(values);
        loads.push({ keys: [...keys], context, finish, fail });
      });
    const dependsOn = (id: number) => [row('orders', { id })];
    // Either kind of result, which no type of the user's would allow in one function.
    const values = cacheMany(load as (keys: readonly number[]) => Promise<ReadonlyMap<number, string>>, {
      source: shop.source,
      dependsOn,
      ...options,
    });
    return { loads, values: shop.kept(values) };
  }

  it('loads what is missing in one run, and gives the values in the order of the keys', async () => {
    const { loads, values } = manual();
    const first = values.getMany([2, 1]);
    expect(loads.map(({ keys }) => keys)).toEqual([[2, 1]]);
    loads[0]?.finish();
    expect(await first).toEqual(['v2', 'v1']);
    const second = values.getMany([1, 3, 2, 4]);
    expect(loads.at(-1)?.keys).toEqual([3, 4]);
    loads[1]?.finish();
    expect(await second).toEqual(['v1', 'v3', 'v2', 'v4']);
    expect(await values(4)).toBe('v4');
    expect(values.statistics).toMatchObject({ loads: 2, misses: 4, hits: 3, entries: 4 });
  });

  it('runs nothing for no keys, nor for keys that are all there', async () => {
    const { loads, values } = manual();
    expect(await values.getMany([])).toEqual([]);
    void values(1);
    loads[0]?.finish();
    expect(await values.getMany([1, 1])).toEqual(['v1', 'v1']);
    expect(loads).toHaveLength(1);
  });

  it('asks once for a key that is there twice, or that another call is loading', async () => {
    const { loads, values } = manual();
    const single = values(1);
    const many = values.getMany([1, 2, 2, 3]);
    const joined = values(2);
    const overlapping = values.getMany([3, 4]);
    expect(loads.map(({ keys }) => keys)).toEqual([[1], [2, 3], [4]]);
    for (const load of loads) load.finish();
    expect(await many).toEqual(['v1', 'v2', 'v2', 'v3']);
    expect([await single, await joined, await overlapping]).toEqual(['v1', 'v2', ['v3', 'v4']]);
  });

  it('takes a Map, in any order, in which a key without a value has undefined, and keeps that too', async () => {
    const { loads, values } = manual();
    const many = values.getMany([1, 2, 3]);
    loads[0]?.finish(
      new Map([
        [3, 'three'],
        [1, 'one'],
      ]),
    );
    expect(await many).toEqual(['one', undefined, 'three']);
    expect(await values(2)).toBeUndefined();
    expect(loads).toHaveLength(1);
  });

  it('drops, of a run that is under way, only the key that a change concerns', async () => {
    const { loads, values } = manual();
    const many = values.getMany([1, 2]);
    await shop.change(1);
    loads[0]?.finish();
    expect(await many).toEqual(['v1', 'v2']);
    expect([values.peek(1), values.peek(2) !== undefined]).toEqual([undefined, true]);
    expect(values.statistics).toMatchObject({ overtaken: 1, entries: 1 });
  });

  it('keeps nothing of a run that fails, which all who wait for it are told', async () => {
    const { loads, values } = manual();
    const answers = [values.getMany([1, 2]), values(2), values.getMany([2])];
    loads[0]?.fail(new Error('away'));
    for (const answer of answers) await expect(answer).rejects.toThrow('away');
    expect(values.statistics).toMatchObject({ loads: 1, failures: 1, entries: 0 });
    const again = values(1);
    loads[1]?.finish();
    expect(await again).toBe('v1');
  });

  it('rejects for a key that no key can be made of, and goes on loading the others', async () => {
    const { loads, values } = manual({
      key: (id) => {
        if (id === 2) throw new Error('no key');
        return id;
      },
    });
    await expect(values.getMany([1, 2])).rejects.toThrow('no key');
    loads[0]?.finish();
    expect(await values(1)).toBe('v1');
    expect(loads).toHaveLength(1);
  });

  it('asks for all in one run, and keeps nothing, while the source is not live', async () => {
    const { source, lose } = await shop.breakable();
    const { loads, values } = manual({ source });
    void values(1);
    loads[0]?.finish();
    await lose();
    const many = values.getMany([1, 2]);
    expect(loads.at(-1)?.keys).toEqual([1, 2]);
    loads[1]?.finish();
    expect(await many).toEqual(['v1', 'v2']);
    expect(values.statistics).toMatchObject({ bypasses: 2, entries: 1 });
  });

  it('aborts the signal when nobody waits for any of the keys', async () => {
    const { loads, values } = manual();
    const controller = new AbortController();
    const answer = values.with({ signal: controller.signal })(1);
    expect(loads[0]?.context.signal.aborted).toBe(false);
    controller.abort(new Error('left'));
    await expect(answer).rejects.toThrow('left');
    expect(loads[0]?.context.signal.aborted).toBe(true);
    const [one, many] = [values.with({ signal: AbortSignal.timeout(1) })(2), values.getMany([2, 3])];
    await expect(one).rejects.toThrow();
    expect(loads[1]?.context.signal.aborted).toBe(false);
    for (const load of loads) load.finish();
    expect(await many).toEqual(['v2', 'v3']);
  });

  it('asks no key of a batch in vain that max is too small for', async () => {
    const { loads, values } = manual({ max: 2 });
    const many = values.getMany([1, 2, 3, 4]);
    loads[0]?.finish();
    expect(await many).toEqual(['v1', 'v2', 'v3', 'v4']);
    expect([values.peek(1), values.peek(4) !== undefined]).toEqual([undefined, true]);
    expect(values.statistics).toMatchObject({ entries: 2, invalidations: { evicted: 2 } });
  });

  it('serves what is past its time, while all that is missing is loaded in one run', async () => {
    const { loads, values } = manual({ staleWhileRevalidateMs: 60_000 });
    const first = values.getMany([1, 2]);
    loads[0]?.finish(['old1', 'old2']);
    await first;
    await shop.change(1);
    await shop.change(2);
    expect(await values.getMany([1, 2])).toEqual(['old1', 'old2']);
    expect(loads.at(-1)?.keys).toEqual([1, 2]);
    loads[1]?.finish();
    await until(() => values.explain(2).status === 'cached', 'the load');
    expect(await values.getMany([1, 2])).toEqual(['v1', 'v2']);
  });
});
