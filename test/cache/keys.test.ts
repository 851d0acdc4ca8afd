import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeArguments } from '../../src/cache/keys.js';

describe('keys', () => {
  test('arguments that differ have keys that differ', () => {
    const different: unknown[][] = [
      [],
      [undefined],
      [null],
      [undefined, undefined],
      [0],
      [-0],
      [1],
      ['1'],
      [1n],
      [true],
      ['true'],
      [Number.NaN],
      ['NaN'],
      [''],
      ['\u0000'],
      ['\u0000s1:a'],
      ['a'],
      ['a', ''],
      ['', 'a'],
      ['s1:a'],
      [['a']],
      [[['a']]],
      [['a', 'b']],
      [['a'], 'b'],
      [{}],
      [Object.create(null)],
      [{ a: undefined }],
      [{ a: null }],
      [{ a: 1 }],
      [{ a: '1' }],
      [[]],
      [new Map()],
      [new Map([['a', 1]])],
      [new Set()],
      [new Set(['a'])],
      [new Date(0)],
      [new Date(Number.NaN)],
      ['1970-01-01T00:00:00.000Z'],
      [new URL('http://a/')],
      ['http://a/'],
      [new Uint8Array([1])],
      [Buffer.from([1])],
      [JSON.parse('{"__proto__":1}')],
    ];
    const keys = different.map(encodeArguments);
    expect(new Set(keys).size).toBe(different.length);
  });

  test('the order of properties does not count, at any depth', () => {
    expect(encodeArguments([{ a: 1, b: { c: 2, d: 3 } }])).toBe(
      encodeArguments([{ b: { d: 3, c: 2 }, a: 1 }]),
    );
  });

  test('for any two lists of plain values: equal keys, equal values', () => {
    const values = fc.array(fc.anything({ withBigInt: true, withNullPrototype: false, maxDepth: 2 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const same = encodeArguments(a) === encodeArguments(b);
        expect(encodeArguments(structuredClone(a))).toBe(encodeArguments(a));
        if (same) expect(a).toStrictEqual(b);
      }),
      { numRuns: 2_000 },
    );
  });

  class Money {
    amount = 1;
  }
  const circular: unknown[] = [];
  circular.push(circular);
  test.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['an instance of Money', new Money()],
    ['an object that contains itself', circular],
    ['an object with symbols', { [Symbol('x')]: 1 }],
    ['an instance of RegExp', /x/],
    ['an instance of Promise', Promise.resolve()],
    ['an instance of WeakMap', new WeakMap()],
    ['an array with holes', new Array(2)],
    ['an instance of Number', Object(1)],
    ['an instance of Date', Object.assign(new Date(0), { note: 'mine' })],
  ])('%s is refused, with the advice to pass `key`', (name, value) => {
    expect(() => encodeArguments([value])).toThrow(
      expect.objectContaining({
        code: 'BAD_KEY',
        message: expect.stringContaining(name),
        remedy: expect.stringContaining('key'),
      }),
    );
  });
});
