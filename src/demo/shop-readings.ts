import type { Client } from 'pg';
import { cache } from '../cache/cache.js';
import type { CachedFunction } from '../cache/cached-function.js';
import { row, table } from '../cache/dependencies.js';
import type { ChangeSource } from '../sources/change-source.js';
import { greedy } from '../strategies/greedy.js';
import type { Reading } from './scenario.js';
import { shopQueries } from './shop.js';

/** The shop's queries, cached, each beside itself uncached on a connection of its own. */
export function shopReadings(source: ChangeSource, app: Client, checker: Client): Reading[] {
  const load = shopQueries(app);
  const direct = shopQueries(checker);

  const customer = cache(load.customer, {
    source,
    strategy: greedy(),
    dependsOn: (id) => [row('customers', { id })],
  });
  const order = cache(load.order, {
    source,
    strategy: greedy(),
    dependsOn: (id) => [row('orders', { id })],
  });
  const openOrders = cache(load.openOrders, { source, strategy: greedy(), dependsOn: [table('orders')] });
  const revenue = cache(load.revenue, { source, strategy: greedy(), dependsOn: [table('order_items')] });

  return [
    reading('customer', customer, direct.customer, 1),
    reading('customer', customer, direct.customer, 2),
    reading('order', order, direct.order, 1),
    reading('order', order, direct.order, 2),
    reading('order', order, direct.order, 3),
    reading('openOrders', openOrders, direct.openOrders),
    reading('revenue', revenue, direct.revenue),
  ];
}

function reading<A extends unknown[]>(
  name: string,
  cached: CachedFunction<A, unknown>,
  direct: (...args: A) => Promise<unknown>,
  ...args: A
): Reading {
  return {
    name: `${name}(${args.join(', ')})`,
    cached: () => cached(...args),
    direct: () => direct(...args),
    isCached: () => cached.peek(...args) !== undefined,
    hits: () => cached.statistics.hits,
  };
}
