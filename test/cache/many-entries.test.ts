import { describe, expect, test } from 'vitest';
import { CachedEntries } from '../../src/cache/cached-entries.js';
import { Entry } from '../../src/cache/entry.js';
import { resolveCacheOptions } from '../../src/cache/resolve-cache-options.js';
import { Counters } from '../../src/cache/statistics.js';
import { type CachedFunction, cache, cacheMany, greedy, row, timed } from '../../src/index.js';
import { changeOf, HandMadeSource } from '../strategies/hand-made-source.js';
import { openWatched } from '../support/open-watched.js';

const MANY = 100_000;
const FEW = 1_000;

async function filled(
  source: HandMadeSource,
  entries: number,
): Promise<CachedFunction<[id: number], number>> {
  const cached = cache(async (id: number) => id, {
    source,
    max: entries,
    dependsOn: (id) => [row('things', { id })],
  });
  for (let id = 0; id < entries; id++) void cached(id);
  await cached(0);
  return cached;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
}

describe('a hundred thousand entries over one table', () => {
  test('of which a change of one row drops those of that row, over a real source', async () => {
    const watched = await openWatched('notify', {
      sql: 'create table orders (id int primary key, total int); insert into orders values (77, 0)',
      tables: ['orders'],
      // To fill it keeps the process busy, on a slow machine for seconds.
      source: { silenceLimitMs: 60_000 },
    });
    const cached = cache(async (id: number) => id, {
      source: watched.source,
      max: MANY,
      dependsOn: (id) => [row('orders', { id })],
    });
    try {
      await Promise.all(Array.from({ length: MANY }, (_, id) => cached(id)));
      await watched.write('update orders set total = 1 where id = 77');
      expect(cached.peek(77)).toBeUndefined();
      expect(cached.statistics).toMatchObject({ entries: MANY - 1, invalidations: { change: 1 } });
    } finally {
      await watched.close();
    }
  }, 60_000);

  test('cost a change of one row no more than a thousand do', async () => {
    const [few, many] = [new HandMadeSource(), new HandMadeSource()];
    const caches = [await filled(few, FEW), await filled(many, MANY)];
    const times = [few, many].map((): number[] => []);
    // In turns, so that whatever else the machine does slows both.
    for (let round = 0; round < 60; round++) {
      for (const [i, source] of [few, many].entries()) {
        const begun = performance.now();
        for (let id = 0; id < 10; id++) source.commit(changeOf(round * 10 + id, 'update'));
        times[i]?.push(performance.now() - begun);
      }
    }
    expect(caches.map(({ statistics }) => statistics.entries)).toEqual([FEW - 600, MANY - 600]);
    const [ofFew = 0, ofMany = 0] = times.map(median);
    // It would be a hundred times as much if it grew with the entries.
    expect(ofMany).toBeLessThan(ofFew * 10);
  }, 60_000);
});

test('an entry that depends on many rows costs no more for each of them than one that depends on few', async () => {
  const timeOf = async (rows: number) => {
    const cached = cache(async (id: number) => id, {
      source: new HandMadeSource(),
      dependsOn: () => Array.from({ length: rows }, (_, id) => row('things', { id })),
    });
    const begun = performance.now();
    await cached(1);
    return (performance.now() - begun) / rows;
  };
  const [few, many]: number[][] = [[], []];
  for (let round = 0; round < 3; round++) {
    few?.push(await timeOf(1_000));
    many?.push(await timeOf(50_000));
  }
  expect(median(many ?? [])).toBeLessThan(median(few ?? []) * 5);
}, 60_000);

test('a batch whose load tells the dependencies of each key costs no more for each in a large one', async () => {
  const timeOf = async (size: number) => {
    const keys = Array.from({ length: size }, (_, id) => id);
    let tookMs = 0;
    const cached = cacheMany(
      async (asked: readonly number[], { dependsOn }) => {
        const begun = performance.now();
        for (const id of asked) dependsOn(id, row('things', { id }));
        tookMs = performance.now() - begun;
        return [...asked];
      },
      { source: new HandMadeSource(), context: true, max: size },
    );
    await cached.getMany(keys);
    return tookMs / size;
  };
  const [few, many]: number[][] = [[], []];
  for (let round = 0; round < 3; round++) {
    few?.push(await timeOf(1_000));
    many?.push(await timeOf(30_000));
  }
  expect(median(many ?? [])).toBeLessThan(median(few ?? []) * 5);
}, 60_000);

describe('the index of what entries depend on', () => {
  const entriesOf = (source: HandMadeSource, max: number, strategy = greedy()) => {
    const options = resolveCacheOptions<[number], number>({ source, max, strategy }, 'indexed');
    return new CachedEntries(options, new Counters());
  };
  const [things] = [...new HandMadeSource().watched];
  if (!things) throw new Error('no table');
  const of = (id: number) => [
    { table: things, row: { columns: ['id'], texts: [String(id)] }, widened: [] },
    { table: things, row: null, widened: [] },
  ];
  const load = { join() {}, wait: <R>(outcome: Promise<R>) => outcome };
  const add = (entries: CachedEntries<[number], number>, id: number) =>
    entries.store.add(new Entry(id, Promise.resolve(id), 0, load), of(id));

  test('holds nothing for entries that changes, evictions, clearing or users have removed', () => {
    const source = new HandMadeSource();
    const entries = entriesOf(source, 10);
    const { store } = entries;
    for (let id = 0; id < 100; id++) add(entries, id);
    expect([store.size, store.dependencies]).toEqual([10, 11]);
    for (const id of [95, 96]) {
      const entry = store.peek(id);
      if (entry) entries.drop(entry, 'invalidate');
    }
    expect([store.size, store.dependencies]).toEqual([8, 9]);
    add(entries, 99);
    expect([store.size, store.dependencies]).toEqual([8, 9]);
    source.commit(changeOf(99, 'update'));
    expect([store.size, store.dependencies]).toEqual([0, 0]);
    for (let id = 0; id < 5; id++) add(entries, id);
    source.gap();
    expect([store.size, store.dependencies]).toEqual([0, 0]);
  });

  test('leaves nothing in a collection for entries that went while it was collected', () => {
    const source = new HandMadeSource();
    const entries = entriesOf(source, 3, timed({ intervalMs: 1_000_000 }));
    const drops: unknown[] = [];
    const collection = entries.store.collection((group) => drops.push(group));
    for (let id = 0; id < 3; id++) add(entries, id);
    for (const operation of ['update', 'truncate'] as const) {
      expect(collection.add(changeOf(0, operation))).toBe(true);
      for (const entry of [0, 1, 2].flatMap((id) => entries.store.peek(id) ?? []))
        entries.store.remove(entry);
      collection.drop();
      expect(drops).toEqual([]);
      for (let id = 0; id < 3; id++) add(entries, id);
    }
  });
});
