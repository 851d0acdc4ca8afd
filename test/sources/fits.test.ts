import { expect, test } from 'vitest';
import { fits, ofWholeTable } from '../../src/sources/notify/fits.js';
import { decodePayload, type Payload } from '../../src/sources/notify/payload.js';
import type { ExactType, WatchedTable } from '../../src/sources/watched-tables.js';

const tableOf = (exactType: ExactType | null): WatchedTable => {
  const id = {
    name: 'id',
    typeOid: 0,
    declaredTypeOid: 0,
    generated: null,
    exactType,
    parse: (text: string) => text,
  };
  return { schema: 'public', table: 't', visible: true, key: [id], columns: [id], matchable: [id] };
};
const payloadOf = (rows: unknown, columns: readonly string[] = []): Payload => {
  const head = { operation: 'update', schema: 'public', table: 't', sent_at: '2025-01-31T12:00:00Z' };
  const decoded = decodePayload(JSON.stringify({ ...head, key: ['id'], columns, rows }));
  if (typeof decoded === 'string') throw new Error(decoded);
  return decoded;
};

test.each<[ExactType | null, string, boolean]>([
  ['integer', '0', true],
  ['integer', '-42', true],
  ['integer', '9223372036854775807', true],
  ['integer', '1.00', false],
  ['integer', '01', false],
  ['integer', 'k1', false],
  ['integer', '', false],
  ['boolean', 't', true],
  ['boolean', 'true', false],
  ['uuid', '123e4567-e89b-12d3-a456-426614174000', true],
  ['uuid', '{123e4567-e89b-12d3-a456-426614174000}', false],
  ['text', 'anything', true],
  [null, '1.00', true],
])('a key of type %s with the text %j: %s', (type, text, expected) => {
  expect(fits(tableOf(type), payloadOf([[[text]]]))).toBe(expected);
  expect(fits(tableOf(type), payloadOf([[null, [text]]]))).toBe(expected);
  expect(fits(tableOf(type), payloadOf([[null, null, [text], null]], ['id']))).toBe(expected);
  expect(fits(tableOf(type), payloadOf([[null, null, null, [text]]], ['id']))).toBe(expected);
});

test('a null, and a column that is not known, fit', () => {
  expect(fits(tableOf('integer'), payloadOf([[null, null, [null, 'x'], null]], ['id', 'other']))).toBe(true);
});

test('of the whole table, nothing is left that would have to fit', () => {
  expect(fits(tableOf('integer'), ofWholeTable(payloadOf([[['k1']]])))).toBe(true);
});
