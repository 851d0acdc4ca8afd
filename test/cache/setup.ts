import { type ChangeSource, createSource, type SourceOptions } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

export const SCHEMA = `
  create table orders (id int primary key, total numeric not null default 0);
  create table items (order_id int, line int, price numeric(10, 2), primary key (order_id, line));
  create table prices (amount numeric primary key);
  create table unwatched (id int primary key);
  insert into orders values (1, 10), (2, 20);
  insert into items values (1, 1, 5), (1, 2, 5), (2, 1, 20);
`;

export interface Shop {
  readonly database: TestDatabase;
  readonly source: ChangeSource;
  /** Runs SQL on another connection, and waits until the source has told of it. */
  write(sql: string): Promise<void>;
  close(): Promise<void>;
}

/** A database with triggers on all tables but `unwatched`, and a live source. */
export async function openShop(options: SourceOptions = {}): Promise<Shop> {
  const database = await createDatabase();
  await database.query(SCHEMA);
  const client = await database.client();
  await commitPlan(
    client,
    await planInstall(client, { tables: ['orders', 'items', 'prices'], mode: 'notify' }),
  );
  const source = createSource({ connection: database.url, mode: 'notify', ...options });
  await source.start();
  return {
    database,
    source,
    async write(sql) {
      await database.query(sql);
      await source.caughtUp();
    },
    async close() {
      await source.close();
      await database.drop();
    },
  };
}

/** A loader that counts, and ends when it is told to. */
export function manualLoader<T>() {
  const loads: { args: unknown[]; finish: (value: T) => void; fail: (error: Error) => void }[] = [];
  const load = (...args: unknown[]): Promise<T> =>
    new Promise((finish, fail) => {
      loads.push({ args, finish, fail });
    });
  return { load, loads };
}
