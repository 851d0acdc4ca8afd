import type { Client } from 'pg';
import { cache } from '../cache/cache.js';
import { row, table } from '../cache/dependencies.js';
import type { ChangeSource } from '../sources/change-source.js';
import { greedy } from '../strategies/greedy.js';
import type { Reading } from './scenario.js';
import { shopQueries } from './shop.js';

/** The shop's queries, cached, each beside itself uncached on a connection of its own. */
export function shopReadings(source: ChangeSource, app: Client, checker: Client): Reading[] {
  const load = shopQueries(app);
  const direct = shopQueries(checker);
  const strategy = () => greedy();

  const customer = cache(load.customer, {
    name: 'customer',
    source,
    strategy: strategy(),
    dependsOn: (id) => [row('customers', { id })],
  });
  const order = cache(load.order, {
    name: 'order',
    source,
    strategy: strategy(),
    dependsOn: (id) => [row('orders', { id })],
  });
  const openOrders = cache(load.openOrders, {
    name: 'openOrders',
    source,
    strategy: strategy(),
    dependsOn: [table('orders')],
  });
  const revenue = cache(load.revenue, {
    name: 'revenue',
    source,
    strategy: strategy(),
    dependsOn: [table('order_items')],
  });

  return [
    ...[1, 2].map((id) => ({
      name: `customer(${id})`,
      cached: () => customer(id),
      direct: () => direct.customer(id),
      isCached: () => customer.peek(id) !== undefined,
    })),
    ...[1, 2, 3].map((id) => ({
      name: `order(${id})`,
      cached: () => order(id),
      direct: () => direct.order(id),
      isCached: () => order.peek(id) !== undefined,
    })),
    {
      name: 'openOrders()',
      cached: () => openOrders(),
      direct: () => direct.openOrders(),
      isCached: () => openOrders.peek() !== undefined,
    },
    {
      name: 'revenue()',
      cached: () => revenue(),
      direct: () => direct.revenue(),
      isCached: () => revenue.peek() !== undefined,
    },
  ];
}
