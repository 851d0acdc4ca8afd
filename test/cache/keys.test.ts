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

  test('for any two values with maps, sets, dates, bytes and objects without a prototype: the same', () => {
    const values = fc.array(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withSet: true,
        maxDepth: 2,
        maxKeys: 2,
        // Few and short, so that two of them are often almost equal.
        values: [
          fc.constantFrom(...['', 'a', 's1:a', ';', 'n1;', 'a0:', '__proto__']),
          fc.constantFrom<unknown>(0, -0, 1, '1', 1n, true, null, undefined, Number.NaN),
          fc.uint8Array({ maxLength: 2 }),
        ],
        key: fc.constantFrom('', 'a', 'b', '__proto__'),
      }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(values, values, (a, b) => {
        if (encodeArguments(a) === encodeArguments(b)) expect(a).toStrictEqual(b);
      }),
      { numRuns: 5_000 },
    );
  });

  test('for any two texts in place of one: they do not run into each other', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('s', '1', ':', ';', '\u0000', 'a') }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(encodeArguments(a) === encodeArguments(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 5_000 },
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
