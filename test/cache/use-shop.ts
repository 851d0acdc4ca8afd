import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  type CacheOptions,
  type ChangeSource,
  createSource,
  type SourceOptions,
  type SourceState,
} from '../../src/index.js';
import { startProxy } from '../support/proxy.js';
import { openShop, type Shop } from './setup.js';

/** What a test adds to the options of its cache. */
export type Options<A extends unknown[], R> = Partial<Omit<CacheOptions<A, R>, 'context'>>;

/** A shop for the tests of a file, and whatever they make of it, which is closed after each. */
export function useShop(options: SourceOptions = {}) {
  let shop: Shop;
  const made: { close(): unknown }[] = [];
  beforeAll(async () => {
    shop = await openShop(options);
  });
  afterEach(async () => {
    for (const each of made.splice(0).reverse()) await each.close();
  });
  afterAll(() => shop.close());
  const kept = <C extends { close(): unknown }>(each: C): C => {
    made.push(each);
    return each;
  };
  return {
    kept,
    get source() {
      return shop.source;
    },
    get database() {
      return shop.database;
    },
    write: (sql: string) => shop.write(sql),
    /** Changes an order, and waits until the source has told of it. */
    change: (id = 1) => shop.write(`update orders set total = total + 1 where id = ${id}`),
    total: async (id: number): Promise<string> => {
      const { rows } = await shop.database.query('select total from orders where id = $1', [id]);
      return rows[0]?.total;
    },
    /** Another live source, whose connection a test can take away. */
    async breakable(): Promise<Breakable> {
      const proxy = await startProxy(shop.database.url);
      const source = createSource({ connection: proxy.url, mode: 'notify', ...options });
      kept({ close: () => source.close().then(() => proxy.close()) });
      await source.start();
      return {
        source,
        async lose() {
          const lost = stateOf(source, 'interrupted');
          // Nobody listens there: it stays away until it is mended.
          proxy.redirect('postgres://127.0.0.1:1/');
          await lost;
        },
        async mend() {
          const back = stateOf(source, 'live');
          proxy.redirect(shop.database.url);
          await back;
        },
      };
    },
  };
}

export interface Breakable {
  readonly source: ChangeSource;
  /** Resolves when the source is interrupted. */
  lose(): Promise<void>;
  /** Resolves when it is live again. */
  mend(): Promise<void>;
}

function stateOf(source: ChangeSource, wanted: SourceState): Promise<void> {
  return new Promise((resolve) => {
    const off = source.on('state', (state) => {
      if (state !== wanted) return;
      off();
      resolve();
    });
  });
}
