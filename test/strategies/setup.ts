import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { type CachedFunction, cache, row, type SourceMode, type Strategy } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { modes, openWatched, type Watched } from '../support/open-watched.js';

const SCHEMA = `
  create table orders (id int primary key, total int not null default 0);
  create table others (id int primary key);
  insert into orders select generate_series(1, 5);
`;

/** What the tests of a strategy work with. */
export interface Bench {
  readonly clock: ManualClock;
  write(sql: string): Promise<void>;
  /** Changes the orders of these ids, in one transaction. */
  touch(...ids: number[]): Promise<void>;
  /** A cache of orders by id, with those of 1 to 3 in it. */
  orders(strategy: Strategy): Promise<CachedFunction<[id: number], number>>;
}

/** The ids of 1 to 3 that are in the cache. */
export function kept(orders: CachedFunction<[id: number], number>): number[] {
  return [1, 2, 3].filter((id) => orders.peek(id) !== undefined);
}

/** The same tests over both sources, on a Postgres, by a clock of their own. */
export function overBothSources(name: string, tests: (bench: Bench) => void): void {
  describe.each(modes)(`${name}, over %s`, (mode: SourceMode) => {
    let watched: Watched;
    let clock = new ManualClock();
    const made: { close(): void }[] = [];
    beforeAll(async () => {
      watched = await openWatched(mode, { sql: SCHEMA, tables: ['orders', 'others'] });
    });
    afterEach(() => {
      for (const cached of made.splice(0)) cached.close();
      clock = new ManualClock();
    });
    afterAll(() => watched.close());
    const bench: Bench = {
      get clock() {
        return clock;
      },
      write: (sql) => watched.write(sql),
      touch: (...ids) =>
        watched.write(ids.map((id) => `update orders set total = total + 1 where id = ${id}`).join(';')),
      async orders(strategy) {
        const { database, source } = watched;
        const orders = cache(
          async (id: number): Promise<number> => {
            const { rows } = await database.query('select total from orders where id = $1', [id]);
            return rows[0]?.total;
          },
          { source, strategy, clock, dependsOn: (id) => [row('orders', { id })] },
        );
        made.push(orders);
        for (const id of [1, 2, 3]) await orders(id);
        return orders;
      },
    };
    tests(bench);
  });
}
