import { describe, expect, it } from 'vitest';
import { cache, createSource, dependenciesFor, PgCacheWatchError, row } from '../../src/index.js';

const source = createSource({ connection: 'postgres://nobody@127.0.0.1:1/nothing' });
const make = (options: unknown, load: unknown = async (_id: number) => 1): unknown =>
  Reflect.apply(cache, undefined, [load, options]);
const thrownBy = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('cache refuses at once', () => {
  const durations = ['ttlMs', 'staleWhileRevalidateMs', 'staleIfErrorMs', 'loadTimeoutMs'].flatMap((name) =>
    [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', null].map(
      (value): [string, unknown, RegExp] => [name, value, new RegExp(name)],
    ),
  );
  const cases: [name: string, value: unknown, message: RegExp][] = [
    ['source', undefined, /source/],
    ['source', {}, /source/],
    ['source', null, /source/],
    ['strategy', 'greedy', /strategy/],
    ['strategy', null, /strategy/],
    ['dependsOn', 'orders', /dependsOn/],
    ['dependsOn', 5, /dependsOn/],
    ['dependsOn', null, /dependsOn/],
    ['dependsOn', {}, /dependsOn/],
    ['dependsOn', Promise.resolve([]), /dependsOn/],
    ['dependsOn', [5], /dependsOn/],
    ['dependsOn', [], /nothing would ever drop/],
    ['dependsOn', [{ id: 1 }], /dependsOn/],
    ['key', 'id', /key/],
    ['name', 5, /name/],
    ['name', '', /name/],
    ['max', 0, /max is 0/],
    ['max', 1.5, /max/],
    ['max', '10', /max/],
    ['max', Number.POSITIVE_INFINITY, /max/],
    ['max', 2 ** 24 + 1, /max/],
    ['maxBytes', 100, /sizeOf/],
    ['sizeOf', () => 1, /maxBytes/],
    ['context', 'yes', /context is yes/],
    ['clone', 'yes', /clone/],
    ['clone', null, /clone/],
    ['freeze', 1, /freeze is 1/],
    ['clock', Date, /clock/],
    ['clock', null, /clock/],
    ['whenInterrupted', 'serve', /whenInterrupted/],
    ['whenInterrupted', null, /whenInterrupted/],
    ['whenInterrupted', {}, /serveStaleForMs/],
    ['whenInterrupted', { serveStaleForMs: -1 }, /serveStaleForMs/],
    ['whenInterrupted', { serveStaleForMs: 5, forever: true }, /forever/],
    ['verify', true, /verify/],
    ['verify', null, /verify/],
    ['verify', {}, /sampleRate/],
    ['verify', { sampleRate: 1.1 }, /sampleRate is 1.1/],
    ['verify', { sampleRate: -0.1 }, /sampleRate/],
    ['verify', { sampleRate: Number.NaN }, /sampleRate/],
    ['verify', { sampleRate: '1' }, /sampleRate/],
    ['verify', { sampleRate: 1, onWrong: 5 }, /onWrong/],
    ['verify', { sampleRate: 1, onwrong: () => {} }, /onwrong/],
    ['ttl', 5, /"ttl"/],
    ...durations,
  ];

  it.each(cases)('%s: %s', (name, value, message) => {
    const error = thrownBy(() => make({ source, [name]: value }));
    expect(error).toBeInstanceOf(PgCacheWatchError);
    expect(error).toMatchObject({ code: 'BAD_OPTION', message: expect.stringMatching(message) });
  });

  it.each([[0], [-5], [1.5], ['5'], [Number.NaN]])('maxBytes: %s, also with a sizeOf', (maxBytes) => {
    expect(thrownBy(() => make({ source, maxBytes, sizeOf: () => 1 }))).toMatchObject({ code: 'BAD_OPTION' });
  });

  it('a sizeOf that is no function', () => {
    expect(thrownBy(() => make({ source, maxBytes: 5, sizeOf: 5 }))).toMatchObject({ code: 'BAD_OPTION' });
  });

  it('to be called without a function, or without options', () => {
    for (const action of [() => make({ source }, 'f'), () => make(undefined), () => make(null)]) {
      expect(thrownBy(action)).toMatchObject({ code: 'BAD_OPTION' });
    }
  });

  it('a function that has no parameter to take its context', async () => {
    const bad = { code: 'BAD_OPTION', remedy: expect.stringContaining('last parameter') };
    expect(thrownBy(() => make({ source, context: true }, async () => 1))).toMatchObject(bad);
    // Parameters that have a default are not counted by the language.
    const load = async (_context: object, _limit = 5) => 1;
    const cached = make({ source, context: true }, load);
    if (typeof cached !== 'function') throw new Error('not a function');
    await expect(cached(1, 2)).rejects.toMatchObject(bad);
  });

  it('nothing that makes sense', () => {
    const sensible = [
      { ttlMs: 1, staleWhileRevalidateMs: 1, staleIfErrorMs: 1, loadTimeoutMs: 2 ** 31 - 1, max: 1 },
      { whenInterrupted: 'bypass', clone: true, freeze: false, context: undefined, name: 'a name' },
      { whenInterrupted: { serveStaleForMs: 1 }, clone: (value: number) => value, verify: { sampleRate: 1 } },
      { dependsOn: new Set(['orders', row('items', { id: 1 })]), key: () => 1, maxBytes: 1, sizeOf: () => 1 },
      { dependsOn: ['orders'], verify: { sampleRate: 0, onWrong: undefined } },
    ];
    for (const options of sensible) expect(make({ source, ...options })).toBeTypeOf('function');
  });
});

describe('a call refuses', () => {
  const cached = cache(async (_id: number) => 1, { source });

  it.each([
    ['an option that there is not', { fersh: true }],
    ['a signal that is none', { signal: {} }],
    ['a signal that is null', { signal: null }],
    ['a fresh that is no truth value', { fresh: 'yes' }],
    ['options that are none', undefined],
    ['null for options', null],
  ])('%s, before anything is loaded', (_, options) => {
    expect(thrownBy(() => Reflect.apply(cached.with, undefined, [options]))).toMatchObject({
      code: 'BAD_OPTION',
      remedy: expect.stringContaining('signal and fresh'),
    });
  });
});

describe('row', () => {
  it.each([[{}], [null], [undefined], [5], ['id']])('refuses %s for the columns of a key', (key) => {
    const { row: typed } = dependenciesFor<{ orders: { id: number } }>();
    for (const each of [row, typed]) {
      expect(thrownBy(() => Reflect.apply(each, undefined, ['orders', key]))).toMatchObject({
        code: 'BAD_OPTION',
      });
    }
  });
});
