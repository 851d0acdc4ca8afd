import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Client } from 'pg';
import { type ChangeSource, createSource, type SourceOptions } from '../../../src/index.js';
import { commitPlan, planInstall } from '../../../src/install/index.js';
import type { TestDatabase } from '../../support/database.js';

/** Every way of hearing of changes, with the options that it takes. */
export const MODES: readonly (readonly [name: string, options: SourceOptions])[] = [
  ['notify', { mode: 'notify' }],
  ['replication, temporary slot', { mode: 'replication' }],
  ['replication, durable slot', { mode: 'replication', replication: { slot: { name: 'start_test' } } }],
  ['auto', { mode: 'auto' }],
];

/** Where nothing listens. */
export const NO_SERVER = 'postgres://app:s3cret@127.0.0.1:1/none';

export interface SilentServer {
  readonly url: string;
  /** How many connections are open. */
  readonly open: number;
  close(): Promise<void>;
}

/** Accepts connections and never says a word. */
export async function startSilentServer(): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `postgres://app:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}/none`,
    get open() {
      return sockets.size;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A table `t` with one row, watched by triggers, a publication, or both. */
export async function prepare(
  database: TestDatabase,
  mode: 'notify' | 'replication' | 'both',
): Promise<void> {
  await database.query('create table t (id int primary key, x int); insert into t values (1, 0)');
  await install(database, mode);
}

export async function install(
  database: TestDatabase,
  mode: 'notify' | 'replication' | 'both',
): Promise<void> {
  const client = await database.client();
  await commitPlan(client, await planInstall(client, { tables: ['t'], mode }));
}

/** A transaction that has written, in the database `postgres` of the same server. */
export async function openWriterElsewhere(serverUrl: string): Promise<Client> {
  const writer = new Client({ connectionString: serverUrl, application_name: 'nightly job' });
  writer.on('error', () => {});
  await writer.connect();
  await writer.query('begin; select pg_current_xact_id()');
  return writer;
}

/** Sources that are closed at the end of a test. */
export class Sources {
  readonly #made: ChangeSource[] = [];

  make(options: SourceOptions): ChangeSource {
    const source = createSource(options);
    this.#made.push(source);
    return source;
  }

  async close(): Promise<void> {
    await Promise.all(this.#made.splice(0).map((source) => source.close()));
  }
}
