import { expect, test } from 'vitest';
import { exactText } from '../../src/cache/exact-text.js';

test.each([
  ['integer', 42, '42'],
  ['integer', -0, '0'],
  ['integer', 42n, '42'],
  ['integer', '42', '42'],
  ['integer', '+042', '42'],
  ['integer', '-7', '-7'],
  ['integer', '9223372036854775807', '9223372036854775807'],
  ['integer', 1.5, null],
  ['integer', 2 ** 60, null],
  ['integer', '0x2a', null],
  ['integer', '1_000', null],
  ['integer', undefined, null],
  ['boolean', true, 't'],
  ['boolean', 'false', 'f'],
  ['boolean', 1, null],
  ['uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['uuid', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', null],
  ['text', 'a', 'a'],
  ['text', 5, '5'],
  ['text', '\ud800', '\ufffd'],
  ['text', null, null],
] as const)('%s %s is matched as %s', (type, value, text) => {
  expect(exactText(type, value)).toBe(text);
});
