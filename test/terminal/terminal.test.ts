import { describe, expect, it, test } from 'vitest';
import { BottomLine } from '../../src/terminal/bottom-line.js';
import { jsonLine } from '../../src/terminal/json-line.js';
import { printable } from '../../src/terminal/printable.js';
import { Redrawn } from '../../src/terminal/redrawn.js';
import { sqlName } from '../../src/terminal/sql-name.js';
import { tableLines } from '../../src/terminal/table.js';
import { padded, truncated, widthOf } from '../../src/terminal/width.js';

const esc = '\u001b';

describe('a printable text', () => {
  test.each([
    ['plain, ünïcode, 漢字 and 🙂', 'plain, ünïcode, 漢字 and 🙂'],
    [`${esc}[31mred`, '\\u001b[31mred'],
    ['\u009b2J', '\\u009b2J'],
    ['a\r\n\tb\u0000\u007f', 'a\\u000d\\u000a\\u0009b\\u0000\\u007f'],
    ['abc\u202etxt.exe\u2066', 'abc\\u202etxt.exe\\u2066'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['half \ud800 of a pair', 'half \\ud800 of a pair'],
    ['\u{e0041}', '\\udb40\\udc41'],
  ])('%j is %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});

describe('a line of JSON', () => {
  it('has a form for everything, and does nothing to a terminal', () => {
    const value = {
      big: 9007199254740993n,
      at: new Date('2026-01-31T12:00:00Z'),
      bytes: Buffer.from([0, 255]),
      none: null,
      missing: undefined,
      numbers: [1.5, Number.NaN, Number.POSITIVE_INFINITY],
      text: `${esc}\u009b\u202e"\n`,
    };
    const line = jsonLine(value);
    expect(line).toBe(
      '{"big":"9007199254740993","at":"2026-01-31T12:00:00.000Z","bytes":"\\\\x00ff","none":null,' +
        '"numbers":[1.5,"NaN","Infinity"],"text":"\\u001b\\u009b\\u202e\\"\\n"}',
    );
    expect(JSON.parse(line).text).toBe(value.text);
  });
});

describe('the width of a text', () => {
  it('is what a terminal takes for it', () => {
    expect(widthOf(`${esc}[1mab${esc}[0m`)).toBe(2);
    expect(widthOf('漢字')).toBe(4);
    expect(widthOf('🙂')).toBe(2);
    expect(widthOf('e\u0301')).toBe(1);
  });

  it('is what it is filled up or cut to', () => {
    expect(padded('漢', 4)).toBe('漢  ');
    expect(truncated('abcdef', 6)).toBe('abcdef');
    expect(truncated('abcdefg', 6)).toBe('abcde…');
    expect(truncated('漢字漢', 4)).toBe('漢…');
    expect(truncated(`${esc}[31mabcdef${esc}[39m`, 3)).toBe(`${esc}[31mab…${esc}[0m`);
    expect(truncated('abc', 0)).toBe('');
  });
});

it('columns are as wide as their widest cell, and lines end where their text does', () => {
  expect(
    tableLines([
      ['a', 'bb', ''],
      ['ccc', 'd', 'e'],
      ['漢', '', ''],
    ]),
  ).toEqual(['a    bb', 'ccc  d   e', '漢']);
});

it('a name is quoted where SQL needs it', () => {
  expect(sqlName('public', 'orders')).toBe('public.orders');
  expect(sqlName('Odd "Name"', 'a\u001b')).toBe('"Odd ""Name"""."a\\u001b"');
});

describe('a screen that is redrawn', () => {
  it('is cleared once, cut to its size, and follows when that changes', () => {
    const written: string[] = [];
    const screen = { columns: 4, rows: 4 };
    const redrawn = new Redrawn((text) => written.push(text), screen);
    redrawn.show(['abcdef', 'b', 'c']);
    screen.rows = 3;
    redrawn.show(['1', '2', '3', '4']);
    expect(written).toEqual([
      `${esc}[H${esc}[2Jabc…${esc}[K\nb${esc}[K\nc${esc}[K\n${esc}[J`,
      `${esc}[H1${esc}[K\n… 3…${esc}[K\n${esc}[J`,
    ]);
  });
});

describe('a line at the bottom', () => {
  it('makes room for what is written above it, comes back after it, and leaves nothing', async () => {
    let written = '';
    const write = (text: string) => {
      written += text;
    };
    const bottom = new BottomLine(write, { columns: 10, rows: 5 });
    bottom.above(() => write('first\n'));
    bottom.show('more than it has room for');
    bottom.above(() => write('second\n'));
    bottom.above(() => write('third\n'));
    await new Promise(setImmediate);
    bottom.erase();
    expect(written).toBe(`first\n\r${esc}[Kmore tha…\r${esc}[Ksecond\nthird\n\r${esc}[Kmore tha…\r${esc}[K`);
  });
});
