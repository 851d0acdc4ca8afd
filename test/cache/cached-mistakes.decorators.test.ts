import { describe, expect, it } from 'vitest';
import { type CachedMethodOptions, type ChangeSource, cached, cacheOf } from '../../src/index.js';
import { useShop } from './use-shop.js';

const bad = expect.objectContaining({ code: 'BAD_OPTION' });

describe('@cached refuses', () => {
  const shop = useShop();
  const made = (options: object) => {
    class Made {
      // Whoever compiles without types can write anything.
      @cached(options as CachedMethodOptions<[]>)
      async method(): Promise<number> {
        return 1;
      }
    }
    return new Made();
  };

  it.each([
    { max: 0 },
    { ttl: 5 },
    { dependsOn: 5 },
    { verify: null },
    { context: true },
  ])('options that make no sense when the class is made: %j', (options) => {
    expect(() => made({ source: shop.source, ...options })).toThrow(bad);
    expect(() => made({ source: () => shop.source, ...options })).toThrow(bad);
  });

  it('a missing source when the class is made', () => {
    expect(() => made({})).toThrow(bad);
  });

  it('a table that is not watched, by rejecting', async () => {
    const promise = made({ source: shop.source, dependsOn: ['unwatched'] }).method();
    await expect(promise).rejects.toMatchObject({ code: 'NOT_WATCHED' });
  });

  it('a function that gives no source, or throws, by rejecting', async () => {
    await expect(made({ source: () => undefined }).method()).rejects.toEqual(bad);
    const source = (): ChangeSource => {
      throw new Error('no source yet');
    };
    await expect(made({ source }).method()).rejects.toThrow('no source yet');
  });

  it('to be put on anything but a method', () => {
    const decorate: unknown = cached({ source: shop.source });
    if (typeof decorate !== 'function') throw new Error('not a decorator');
    for (const kind of ['getter', 'field', 'class']) {
      expect(() => decorate(() => 1, { kind, name: 'x' })).toThrow(bad);
    }
  });

  it('to find a cache where there is none', () => {
    class Plain {
      async method(): Promise<number> {
        return 1;
      }
    }
    expect(() => cacheOf(new Plain(), 'method')).toThrow(bad);
    expect(() => Reflect.apply(cacheOf, undefined, [new Plain(), 'no such'])).toThrow(bad);
  });

  it('nothing that an iterator lists, which is read once for all sources', async () => {
    const { source } = await shop.breakable();
    let isFirst = true;
    const other = made({ source: () => (isFirst ? shop.source : source), dependsOn: ['orders'].values() });
    await other.method();
    isFirst = false;
    await other.method();
    await shop.change();
    await source.caughtUp();
    expect(cacheOf(other, 'method').peek()).toBeUndefined();
  });
});
