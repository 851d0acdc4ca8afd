import { describe, expect, it } from 'vitest';
import { cache, type Logger } from '../../src/index.js';
import { until } from '../support/until.js';
import { manualLoader } from './setup.js';
import { type Options, useShop } from './use-shop.js';

describe('maxBytes', () => {
  const shop = useShop();

  /** Takes as many bytes as a text is long. */
  function texts(options: Options<[text: string], string> = {}) {
    const all = { source: shop.source, dependsOn: ['orders'], maxBytes: 10, sizeOf: lengthOf, ...options };
    return shop.kept(cache(async (text: string) => text, all));
  }
  const lengthOf = (text: string) => text.length;
  const kept = (cached: ReturnType<typeof texts>, ...all: string[]) =>
    all.filter((text) => cached.peek(text) !== undefined);

  it('lets those that are not used go until there is room', async () => {
    const cached = texts();
    for (const text of ['aaaa', 'bbbb', 'cc', 'aaaa', 'dddd']) await cached(text);
    expect(kept(cached, 'aaaa', 'bbbb', 'cc', 'dddd')).toEqual(['aaaa', 'cc', 'dddd']);
    expect(cached.statistics).toMatchObject({ bytes: 10, entries: 3, invalidations: { evicted: 1 } });
    expect(cached.explain('bbbb').lastDrop).toMatchObject({ cause: 'evicted', change: null });
  });

  it('keeps no value that is larger than that, and lets none go for it', async () => {
    const cached = texts();
    await cached('aaaa');
    expect(await cached('larger than all')).toBe('larger than all');
    expect(kept(cached, 'aaaa', 'larger than all')).toEqual(['aaaa']);
    await cached('exactly 10');
    expect(kept(cached, 'aaaa', 'exactly 10')).toEqual(['exactly 10']);
  });

  it('gives back the bytes of what is dropped, in whatever way', async () => {
    const cached = texts();
    const load = async () => {
      await cached('aaaa');
      expect(cached.statistics.bytes).toBe(4);
    };
    await load();
    await shop.change();
    expect(cached.statistics.bytes).toBe(0);
    await load();
    cached.invalidate('aaaa');
    expect(cached.statistics.bytes).toBe(0);
    await load();
    cached.clear();
    expect(cached.statistics.bytes).toBe(0);
    await load();
    cached.close();
    expect(cached.statistics.bytes).toBe(0);
  });

  it('counts values past their time, which go first', async () => {
    const cached = texts({ staleIfErrorMs: 60_000 });
    await cached('old1');
    await cached('old22');
    await shop.change();
    expect(cached.statistics).toMatchObject({ bytes: 9, entries: 0 });
    await cached('new333');
    expect(cached.statistics).toMatchObject({ bytes: 6, entries: 1, invalidations: { evicted: 0 } });
    expect(kept(cached, 'new333')).toEqual(['new333']);
    await cached('old1');
    expect(cached.statistics).toMatchObject({ bytes: 10, entries: 2 });
    cached.clear();
    expect(cached.statistics.bytes).toBe(0);
  });

  it('counts nothing for a load that was dropped meanwhile', async () => {
    const { load, loads } = manualLoader<string>();
    const cached = shop.kept(
      cache(load, { source: shop.source, dependsOn: ['orders'], maxBytes: 10, sizeOf: lengthOf }),
    );
    const answer = cached();
    await shop.change();
    loads[0]?.finish('text');
    await answer;
    expect(cached.statistics).toMatchObject({ bytes: 0, entries: 0 });
  });

  it('max holds as well', async () => {
    const cached = texts({ max: 2 });
    for (const text of ['a', 'b', 'c']) await cached(text);
    expect(kept(cached, 'a', 'b', 'c')).toEqual(['b', 'c']);
    expect(cached.statistics.bytes).toBe(2);
  });
});

describe('a sizeOf', () => {
  const logged: { details: object; message: string }[] = [];
  const nothing = () => {};
  const error = (details: object, message: string) => void logged.push({ details, message });
  const logger: Logger = { debug: nothing, info: nothing, warn: nothing, error };
  const logging = useShop({ logger });
  const silent = useShop();
  const odd: [string, () => unknown][] = [
    ['throws', throwing],
    ['gives NaN', () => Number.NaN],
    ['gives less than 0', () => -1],
    ['gives a text', () => '5'],
    ['gives a bigint', () => 5n],
    ['gives nothing', () => undefined],
  ];
  function throwing(): never {
    throw new Error('no size');
  }

  it.each(odd)('that %s is told of once, and its values are given and not kept', async (_, give) => {
    logged.length = 0;
    let isOdd = true;
    const sizeOf = (text: string) => (isOdd ? (give() as number) : text.length);
    const cached = logging.kept(
      cache(async (text: string) => text, { source: logging.source, name: 'texts', maxBytes: 10, sizeOf }),
    );
    expect(await Promise.all([cached('aaaa'), cached('aaaa'), cached('bbbb')])).toEqual([
      'aaaa',
      'aaaa',
      'bbbb',
    ]);
    expect(cached.statistics).toMatchObject({ entries: 0, bytes: 0, failures: 0 });
    expect(logged).toMatchObject([
      {
        details: { error: { code: 'CALLBACK' } },
        message: expect.stringContaining('sizeOf of the cache texts'),
      },
    ]);
    isOdd = false;
    for (const text of ['aaaa', 'bbbb', 'cccc']) await cached(text);
    expect(cached.statistics).toMatchObject({ entries: 2, bytes: 8 });
  });

  it('that says it has no end is heeded: there is no room for that', async () => {
    logged.length = 0;
    const sizeOf = () => Number.POSITIVE_INFINITY;
    const cached = logging.kept(cache(async () => 1, { source: logging.source, maxBytes: 10, sizeOf }));
    await cached();
    expect([cached.statistics.entries, logged]).toEqual([0, []]);
  });

  it('that throws is a warning of the process where there is no logger', async () => {
    const warnings: (Error & { code?: unknown })[] = [];
    const listen = (warning: Error) => void warnings.push(warning);
    process.on('warning', listen);
    const cached = silent.kept(
      cache(async (n: number) => n, { source: silent.source, name: 'odd', maxBytes: 10, sizeOf: throwing }),
    );
    expect([await cached(1), await cached(2)]).toEqual([1, 2]);
    await until(() => warnings.some(({ message }) => message.includes('odd')), 'the warning');
    process.off('warning', listen);
    expect(warnings.filter(({ code }) => code === 'CALLBACK')).toHaveLength(1);
  });
});
