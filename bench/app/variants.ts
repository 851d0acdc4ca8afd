import { LRUCache } from 'lru-cache';
import { cache, createSource, row } from '../../src/index.js';
import type { LoadOrder, MakeOrderCache, Order } from './variant.js';

const MAX = 10_000;

function withTtl(ttl: number): MakeOrderCache {
  return (load) => {
    const kept = new LRUCache<number, Order>({ max: MAX, ttl, fetchMethod: (id) => load(id) });
    return { read: (id) => kept.fetch(id) };
  };
}

function ours(mode: 'notify' | 'replication'): MakeOrderCache {
  return async (load: LoadOrder, url: string) => {
    const source = createSource({ mode, connection: url, tables: ['orders', 'items'] });
    await source.start();
    const read = cache(load, {
      source,
      max: MAX,
      dependsOn: (id) => [row('orders', { id }), row('items', { order_id: id })],
    });
    return { read, close: () => source.close() };
  };
}

/** Those that need no peer. The names are in app.ts. */
export const variants: Readonly<Record<string, MakeOrderCache>> = {
  none: (load) => ({ read: load }),
  'ttl 1 s': withTtl(1_000),
  'ttl 30 s': withTtl(30_000),
  notify: ours('notify'),
  replication: ours('replication'),
};
