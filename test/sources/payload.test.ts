import { describe, expect, test } from 'vitest';
import { decodePayload } from '../../src/sources/notify/payload.js';

const ours = {
  operation: 'update',
  table: 'orders',
  sent_at: '2026-01-31T12:00:00.123456+00:00',
  schema: 'public',
  oid: 4294967295,
  xid: 7391,
  key: ['id'],
  rows: [[['1']], [['2'], ['7']]],
};
const decode = (payload: object) => decodePayload(JSON.stringify(payload));

describe('a notification', () => {
  test('of our triggers tells rows by their keys', () => {
    expect(decode(ours)).toEqual({
      operation: 'update',
      schema: 'public',
      table: 'orders',
      oid: 4294967295,
      sentAt: new Date('2026-01-31T12:00:00.123Z'),
      xid: 7391,
      keyColumns: ['id'],
      columns: [],
      rows: [
        { key: ['1'], previousKey: null, before: null, after: null },
        { key: ['2'], previousKey: ['7'], before: null, after: null },
      ],
    });
  });

  test('of an older version’s triggers tells no oid', () => {
    const { oid: _, ...older } = ours;
    expect(decode(older)).toMatchObject({ table: 'orders', oid: null });
  });

  test.each([0, -1, 1.5, 4294967296, '1', null])('whose oid is %j cannot be read', (oid) => {
    expect(decode({ ...ours, oid })).toEqual(expect.stringContaining('oid'));
  });

  test('of our triggers at level row tells the images', () => {
    const decoded = decode({ ...ours, columns: ['id', 'x'], rows: [[['1'], null, ['1', null], ['1', 'é']]] });
    expect(decoded).toMatchObject({ rows: [{ key: ['1'], before: ['1', null], after: ['1', 'é'] }] });
  });

  test('of PGCacheWatch means the whole table', () => {
    const payload = { operation: 'insert', table: 'orders', sent_at: '2024-05-05T10:11:12.123456+02:00' };
    expect(decode(payload)).toMatchObject({
      operation: 'insert',
      schema: null,
      table: 'orders',
      xid: null,
      rows: null,
    });
  });

  test.each([
    ['', 'JSON'],
    ['{', 'JSON'],
    ['null', 'object'],
    ['[]', 'object'],
    ['{}', 'operation'],
    [JSON.stringify({ ...ours, operation: 'UPDATE' }), 'operation'],
    [JSON.stringify({ ...ours, operation: '__proto__' }), 'operation'],
    [JSON.stringify({ ...ours, table: 1 }), 'table'],
    [JSON.stringify({ ...ours, schema: null }), 'schema'],
    [JSON.stringify({ ...ours, sent_at: 'soon' }), 'sent_at'],
    [JSON.stringify({ ...ours, sent_at: undefined }), 'sent_at'],
    [JSON.stringify({ ...ours, xid: '7' }), 'xid'],
    [JSON.stringify({ ...ours, xid: 1.5 }), 'xid'],
    [JSON.stringify({ ...ours, key: 'id' }), 'columns'],
    [JSON.stringify({ ...ours, rows: {} }), 'rows'],
    [JSON.stringify({ ...ours, rows: [{}] }), 'rows'],
    [JSON.stringify({ ...ours, rows: [[['1', '2']]] }), 'key'],
    [JSON.stringify({ ...ours, rows: [[[1]]] }), 'key'],
    [JSON.stringify({ ...ours, key: [], rows: [[[]]] }), 'key'],
    [JSON.stringify({ ...ours, columns: ['id'], rows: [[['1'], null, ['1', '2']]] }), 'columns'],
    [JSON.stringify({ ...ours, columns: ['id'], rows: [[['1'], null, [1]]] }), 'columns'],
  ])('%s is unreadable', (text, why) => {
    expect(decodePayload(text)).toEqual(expect.stringContaining(why));
  });
});
