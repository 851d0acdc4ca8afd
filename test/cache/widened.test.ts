import { afterAll, beforeAll, expect, it } from 'vitest';
import { cache, createSource, row } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await database.query('create table orders (id int primary key, customer_id int)');
  const client = await database.client();
  await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'notify' }));
});
afterAll(() => database.drop());

it('says beforehand that an insert drops a row by a column that the source does not tell', async () => {
  const warnings: string[] = [];
  const nothing = () => {};
  const warn = (_: object, message: string) => void warnings.push(message);
  const logger = { debug: nothing, info: nothing, warn, error: nothing };
  await using source = createSource({ connection: database.url, mode: 'notify', logger });
  await source.start();
  const ordersOf = cache(async (customer_id: number) => customer_id, {
    source,
    dependsOn: (customer_id) => [row('orders', { customer_id })],
  });

  await ordersOf(7);
  expect(warnings).toEqual([expect.stringContaining('and an insert unless it tells another value')]);
  expect(ordersOf.explain(7).dropsWhen[0]).toBe(
    'any update or delete of public.orders, an insert with customer_id = 7, or one that does not tell customer_id',
  );
  await database.query('insert into orders values (1, 8)');
  await source.caughtUp();
  expect(ordersOf.explain(7).status).toBe('absent');
});
