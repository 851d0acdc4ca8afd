import { beforeEach, describe, expect, test } from 'vitest';
import type { ChangeTransaction } from '../../src/index.js';
import type { Payload } from '../../src/sources/notify/payload.js';
import { TransactionAssembler } from '../../src/sources/notify/transaction-assembler.js';

const id = { name: 'id', typeOid: 23, parse: Number };
const orders = { schema: 'public', oid: null, table: 'orders', key: [id], columns: [id] };
const items = { ...orders, table: 'items' };
const payload = (xid: number | null, ...keys: string[]): Payload => ({
  operation: 'update',
  schema: 'public',
  oid: null,
  table: 'orders',
  sentAt: new Date(),
  xid,
  keyColumns: ['id'],
  columns: [],
  rows: keys.map((key) => ({ key: [key], previousKey: null, before: null, after: null })),
});

describe('notifications are put together', () => {
  let delivered: ChangeTransaction[];
  let assembler: TransactionAssembler;
  const keys = () => delivered.map(({ changes }) => [...changes].map(({ key }) => key?.id ?? null));

  beforeEach(() => {
    delivered = [];
    assembler = new TransactionAssembler({ maxChanges: 5, maxBytes: 1_000 }, (transaction) =>
      delivered.push(transaction),
    );
  });

  test('of one transaction, into one', () => {
    assembler.add(payload(7, '1'), [orders], 50);
    assembler.add(payload(7, '2'), [items], 50);
    expect(delivered).toEqual([]);
    assembler.end();
    expect(keys()).toEqual([[1, 2]]);
    expect(delivered[0]?.xid).toBe(7);
  });

  test('until another transaction begins', () => {
    assembler.add(payload(7, '1'), [orders], 50);
    assembler.add(payload(8, '2'), [orders], 50);
    expect(keys()).toEqual([[1]]);
    assembler.end();
    expect(keys()).toEqual([[1], [2]]);
  });

  test('one that does not tell its transaction joins the one that is open, and is joined', () => {
    assembler.add(payload(null, '1'), [orders], 50);
    assembler.add(payload(7, '2'), [orders], 50);
    assembler.add(payload(null, '3'), [orders], 50);
    assembler.add(payload(7, '4'), [orders], 50);
    assembler.end();
    expect(keys()).toEqual([[1, 2, 3, 4]]);
    expect(delivered[0]?.xid).toBe(7);
  });

  test('past the limit, into one change of the whole table, which stays the only one of it', () => {
    assembler.add(payload(7, '1', '2', '3', '4', '5', '6'), [orders], 50);
    assembler.add(payload(7, '7'), [orders], 50);
    assembler.add(payload(7, '8'), [items], 50);
    assembler.end();
    expect(keys()).toEqual([[null, 8]]);
  });

  test('past the limit, one of each operation: whoever minds only some operations must not miss theirs', () => {
    assembler.add(payload(7, '1', '2', '3', '4', '5'), [orders], 50);
    assembler.add({ ...payload(7, '6'), operation: 'insert' }, [orders], 50);
    assembler.add({ ...payload(7, '7'), operation: 'delete' }, [orders], 50);
    assembler.add(payload(7, '8'), [orders], 50);
    assembler.end();
    const told = delivered.flatMap(({ changes }) =>
      [...changes].map(({ operation, key }) => [operation, key?.id]),
    );
    expect(told).toEqual([
      ['update', undefined],
      ['insert', undefined],
      ['delete', 7],
    ]);
  });

  test('and past so many bytes, for a few rows can be long ones', () => {
    assembler.add(payload(7, '1'), [orders], 600);
    assembler.add(payload(7, '2'), [orders], 600);
    assembler.add(payload(7, '3'), [items], 600);
    assembler.end();
    expect(keys()).toEqual([[null, 3]]);
  });

  test('and nothing is delivered where nothing was heard', () => {
    assembler.end();
    assembler.end();
    expect(delivered).toEqual([]);
  });
});
