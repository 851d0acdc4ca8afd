import type { Client } from 'pg';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import { sessionOf } from '../connection/session.js';
import { disconnect } from '../connection.js';
import { OneAtATime } from '../one-at-a-time.js';
import type { WatchCatalog } from '../watching/watch.js';
import { watchCatalog } from '../watching/watch-catalog.js';
import { type PublishedReading, readPublishedTables } from './read-published-tables.js';
import type { ReplicationOptions } from './replication-options.js';
import { readSystem, type System } from './requirements.js';
import { parseSnapshot, type Snapshot } from './snapshot.js';
import { answerLimitMs, within } from './within.js';

const SNAPSHOT = sql('replication/snapshot.sql');
const MARK = sql('replication/mark.sql');
const WAL_POSITION = sql('replication/wal-position.sql');

/**
 * The ordinary connection beside the stream: what of the stream can be seen by now, what the catalog says.
 * A snapshot is there within `silenceLimitMs`, and anything else within that or five seconds, or the connection
 * counts as lost: the stream may be well while this one is not, and then nothing would be told any more.
 */
export class Beside {
  readonly #client: Client;
  readonly #options: ReplicationOptions;
  readonly #questions = new OneAtATime();

  constructor(client: Client, options: ReplicationOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Prepares the session, and looks what the server is set to. */
  async begin(): Promise<System> {
    return this.#ask('settings', async () => {
      await sessionOf(this.#client)?.set('replication/gate-session.sql');
      return readSystem(this.#client, this.#options.publication);
    });
  }

  onEnd(ended: (error: unknown) => void): void {
    this.#client.on('error', ended);
    this.#client.on('end', () =>
      ended(new PgCacheWatchError('CONNECTION', 'The server has closed the connection')),
    );
  }

  get catalog(): WatchCatalog<PublishedReading> {
    return watchCatalog(
      (work) => this.#ask('the catalog', () => work(this.#client)),
      () => readPublishedTables(this.#client, this.#options),
    );
  }

  async snapshot(): Promise<Snapshot> {
    const ask = () => this.#client.query<{ snapshot: string }>(SNAPSHOT);
    // As long as this is waited for, nothing is told, while the stream goes on and sounds well. So the wait for
    // what was asked before it counts, too.
    const { rows } = await within(this.#options.silenceLimitMs, 'a snapshot', this.#questions.run(ask));
    return parseSnapshot(rows[0]?.snapshot ?? '');
  }

  async sendMark(prefix: string, content: string): Promise<void> {
    await this.#ask('a mark', () => this.#client.query(MARK, [prefix, content]));
  }

  /** How far the server has written its WAL. */
  async walPosition(): Promise<string> {
    const ask = () => this.#client.query<{ position: string }>(WAL_POSITION);
    const { rows } = await this.#ask('lag', ask);
    return rows[0]?.position ?? '0/0';
  }

  close(): Promise<void> {
    return disconnect(this.#client);
  }

  #ask<T>(what: string, ask: () => Promise<T>): Promise<T> {
    const limitMs = answerLimitMs(this.#options.silenceLimitMs);
    return this.#questions.run(() => within(limitMs, what, ask()));
  }
}
