import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cache, type Dependency, row, table } from '../../src/index.js';
import { modes, openWatched, type Watched } from '../support/open-watched.js';

const MISSING = 'a8098c1a-f86e-11da-bd1a-00112444be1e';

const SCHEMA = `
  create type mood as enum ('glad', 'sad');
  create table orders (
    id int primary key, customer_id int, status text, flag boolean, feeling mood, ref uuid, note text
  );
  create table lines (order_id int, line int, product text not null, primary key (order_id, line));
  create table readings (id int, day date, sensor int, primary key (id, day)) partition by range (day);
  create table readings_2025 partition of readings for values from ('2025-01-01') to ('2026-01-01');
  create table readings_2026 partition of readings for values from ('2026-01-01') to ('2027-01-01');
  alter table orders alter column note set storage external;
`;
const DATA = `
  truncate orders, lines, readings;
  insert into orders values
    (1, 7, 'new', true, 'glad', null, repeat('x', 3000)), (2, 8, null, false, 'sad', '${MISSING}', 'short');
  insert into lines values (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'b');
  insert into readings values (1, '2025-05-05', 10), (2, '2026-05-05', 20);
`;

describe.each(modes)('rows that are told as a whole, over %s', (mode) => {
  let watched: Watched;
  const made: { close(): void }[] = [];
  beforeAll(async () => {
    const tables = ['orders', 'lines', 'readings'];
    watched = await openWatched(mode, { sql: SCHEMA, tables, images: true });
  });
  afterEach(() => {
    for (const each of made.splice(0)) each.close();
  });
  afterAll(() => watched.close());

  /** Which of the dependencies, by their places, are dropped by the SQL. */
  const dropped = async (dependencies: readonly Dependency[], sql: string): Promise<number[]> => {
    await watched.write(DATA);
    const cached = cache(async (i: number) => i, {
      source: watched.source,
      dependsOn: (i) => dependencies.slice(i, i + 1),
    });
    made.push(cached);
    for (const i of dependencies.keys()) await cached(i);
    await watched.write(sql);
    return [...dependencies.keys()].filter((i) => cached.peek(i) === undefined);
  };
  const customers = [7, 8, 9].map((customer_id) => row('orders', { customer_id }));

  test('a list is dropped by a row that joins it, one that leaves it and one that changes in it', async () => {
    expect(await dropped(customers, 'insert into orders (id, customer_id) values (3, 9)')).toEqual([2]);
    expect(await dropped(customers, 'delete from orders where id = 1')).toEqual([0]);
    expect(await dropped(customers, `update orders set status = 'paid' where id = 2`)).toEqual([1]);
  });

  test('a row that moves from one list to another drops both, and no third one', async () => {
    expect(await dropped(customers, 'update orders set customer_id = 8 where id = 1')).toEqual([0, 1]);
    expect(await dropped(customers, 'update orders set customer_id = null where id = 1')).toEqual([0]);
  });

  test('null is a value of its own, that rows take on and lose', async () => {
    const nobodys = [row('orders', { customer_id: null }), ...customers];
    expect(await dropped(nobodys, 'insert into orders (id) values (3)')).toEqual([0]);
    expect(await dropped(nobodys, 'update orders set customer_id = null where id = 2')).toEqual([0, 2]);
    expect(await dropped(nobodys, `update orders set status = 'x' where id = 1`)).toEqual([1]);
    const both = [
      row('orders', { customer_id: 8, status: null }),
      row('orders', { customer_id: 8, status: 'null' }),
    ];
    expect(await dropped(both, 'update orders set flag = null where id = 2')).toEqual([0]);
  });

  test('columns of every exact type are matched, as pg or a program writes them', async () => {
    const by = [
      row('orders', { status: 'new' }),
      row('orders', { flag: true }),
      row('orders', { feeling: 'sad' }),
      row('orders', { ref: MISSING.toUpperCase() }),
      row('orders', { customer_id: '7' }),
      row('orders', { customer_id: 8n }),
    ];
    expect(await dropped(by, `update orders set note = 'n' where id = 1`)).toEqual([0, 1, 4]);
    expect(await dropped(by, `update orders set note = 'n' where id = 2`)).toEqual([2, 3, 5]);
  });

  test('a text that looks like a number is matched by nothing but itself', async () => {
    const texts = ['7', '07', '7.0', '+7', '-7', ' 7', '0', '00', '', '123456789', '1234567890', '1e3', '²'];
    const by = texts.map((status) => row('orders', { status }));
    for (const [i, text] of texts.entries()) {
      expect(await dropped(by, `insert into orders (id, status) values (3, '${text}')`)).toEqual([i]);
    }
  });

  test('several columns are matched together, in whichever order they are named', async () => {
    const by = [
      row('orders', { status: 'new', customer_id: 7 }),
      row('orders', { customer_id: 7, status: 'old' }),
      row('orders', { customer_id: 8, status: 'new' }),
    ];
    expect(await dropped(by, 'update orders set flag = false where id = 1')).toEqual([0]);
    expect(await dropped(by, `update orders set status = 'old' where id = 1`)).toEqual([0, 1]);
  });

  test('part of a key, the whole of it, and a column beside it', async () => {
    const by = [
      row('lines', { order_id: 1 }),
      row('lines', { line: 1 }),
      row('lines', { order_id: 1, line: 2 }),
      row('lines', { product: 'b' }),
      table('lines'),
    ];
    expect(await dropped(by, `delete from lines where order_id = 1 and line = 2`)).toEqual([0, 2, 3, 4]);
    expect(await dropped(by, `insert into lines values (3, 1, 'c')`)).toEqual([1, 4]);
    expect(await dropped(by, 'update lines set order_id = 3 where order_id = 2')).toEqual([1, 3, 4]);
  });

  test('a row that does not exist yet, and one whose key is altered to it', async () => {
    const by = [row('orders', { id: 1 }), row('orders', { id: 50 })];
    expect(await dropped(by, 'insert into orders (id) values (50)')).toEqual([1]);
    expect(await dropped(by, 'update orders set id = 50 where id = 1')).toEqual([0, 1]);
  });

  test('a large value that did not change is matched by the row before', async () => {
    const by = [row('orders', { note: 'x'.repeat(3000) }), row('orders', { note: 'short' })];
    expect(await dropped(by, `update orders set status = 'paid' where id = 1`)).toEqual([0]);
    expect(await dropped(by, `update orders set note = 'short' where id = 1`)).toEqual([0, 1]);
  });

  test('rows of partitions, also where they move from one to another', async () => {
    const by = [10, 20, 30].map((sensor) => row('readings', { sensor }));
    expect(await dropped(by, 'update readings set sensor = 30 where id = 1')).toEqual([0, 2]);
    expect(await dropped(by, `insert into readings_2026 values (3, '2026-06-06', 30)`)).toEqual([2]);
    const moved = await dropped(by, `update readings set day = '2026-07-07', sensor = 20 where id = 1`);
    expect(moved).toEqual(expect.arrayContaining([0, 1]));
  });

  test('a truncate concerns every row; one of a partition, those of the whole tree', async () => {
    expect(await dropped([...customers, row('lines', { line: 1 })], 'truncate orders')).toEqual([0, 1, 2]);
    const by = [10, 20].map((sensor) => row('readings', { sensor }));
    expect(await dropped(by, 'truncate readings_2025')).toEqual([0, 1]);
  });

  test('undefined is refused by the call, and nothing is loaded', async () => {
    const cached = cache(async (id?: number) => id, {
      source: watched.source,
      dependsOn: (id) => [row('orders', { id })],
    });
    made.push(cached);
    await expect(cached(undefined)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('"id"'),
      remedy: expect.stringContaining('null'),
    });
    expect(cached.statistics).toMatchObject({ loads: 0, entries: 0 });
  });
});
