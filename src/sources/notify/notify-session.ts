import { randomBytes } from 'node:crypto';
import type { Client, Notification } from 'pg';
import { tableKey } from '../../changes/whole-table.js';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import type { CaughtUpOptions } from '../change-source.js';
import { disconnect } from '../connection.js';
import { Marks } from '../marks.js';
import { OneAtATime } from '../one-at-a-time.js';
import type { Reading } from '../read-watched-tables.js';
import type { Session, SessionHost } from '../session.js';
import type { WatchedTable, WatchedTables } from '../watched-tables.js';
import { fits, ofWholeTable } from './fits.js';
import type { NotifyOptions } from './notify-options.js';
import { decodePayload, type Payload } from './payload.js';
import { relationOf } from './payload-relation.js';
import { readNotifyingTables } from './read-notifying-tables.js';
import { notDelivered, notWatched, requireAny, requireWatched, unreadable } from './requirements.js';
import { TransactionAssembler } from './transaction-assembler.js';

/** How many names of tables are remembered that nobody wants to hear of. */
const MOST_FOREIGN = 1000;

const MARK = sql('notify/mark.sql');

/**
 * A connection that listens. When the first notification of a transaction arrives, an empty query is sent
 * after it: the server has sent the rest of what it had by the time it answers, so that the answer ends
 * the transaction (docs/architecture.md, "One moment").
 */
export class NotifySession implements Session {
  readonly #client: Client;
  readonly #options: NotifyOptions;
  readonly #host: SessionHost;
  readonly #marks: Marks;
  readonly #questions = new OneAtATime();
  readonly #assembler: TransactionAssembler;
  /** Who sends the marks: the connection itself, once it is known to hear what others send. */
  #notifier: Client;
  #reading: Reading;
  #asking = false;
  /** Tables that were told of and are not watched. */
  readonly #foreign = new Set<string>();
  #mustLook = false;
  #isLooking = false;
  #ended = false;

  private constructor(
    client: Client,
    options: NotifyOptions,
    host: SessionHost,
    reading: Reading,
    ownChannel: string,
    notifier: Client,
  ) {
    this.#client = client;
    this.#options = options;
    this.#host = host;
    this.#reading = reading;
    this.#notifier = notifier;
    this.#marks = new Marks((mark) =>
      this.#questions.run(() => this.#notifier.query(MARK, [ownChannel, mark])),
    );
    this.#assembler = new TransactionAssembler(options.maxChangesPerTransaction, (transaction) =>
      host.deliver(transaction),
    );
    client.on('notification', (notification) => this.#onNotification(notification));
    client.on('error', (error) => this.#fail(error));
    client.on('end', () =>
      this.#fail(new PgCacheWatchError('CONNECTION', 'The server has closed the connection')),
    );
  }

  /**
   * LISTEN first, then read what is watched, then hear a mark: from then on nothing can be missed.
   *
   * @param notifier sends that mark: another connection where there is a pooler between, in which one that is
   *   not busy gives us the same process of the server again, and we would hear ourselves but nobody else
   * @throws PgCacheWatchError `NOT_DELIVERED` behind a pooler that loses LISTEN, `NOT_WATCHED`, …
   */
  static async open(
    client: Client,
    options: NotifyOptions,
    host: SessionHost,
    notifier = client,
  ): Promise<NotifySession> {
    const ownChannel = `pgcachewatch_${randomBytes(8).toString('hex')}`;
    const channels = { channel: options.channel, own_channel: ownChannel };
    await client.query(sql('notify/session.sql', channels));
    const reading = await readNotifyingTables(client, options);
    requireWatched(reading, options);
    options.onceWatched.add(reading.names);
    const session = new NotifySession(client, options, host, reading, ownChannel, notifier);
    try {
      await session.#marks.reached({ signal: AbortSignal.timeout(options.silenceLimitMs) });
    } catch (error) {
      if (!isTimeout(error)) throw error;
      await client.query(sql('notify/unlisten.sql', channels)).catch(() => {});
      throw notDelivered(options);
    }
    session.#notifier = client;
    return session;
  }

  readonly mode = 'notify';
  /** What is not listened to is lost. */
  readonly continuity = 'reconnected';

  get watched(): WatchedTables {
    return this.#reading.watched;
  }

  get problem(): PgCacheWatchError | null {
    const { unwatched, watched } = this.#reading;
    const missing = this.#options.tables ? unwatched : watched.lost;
    return missing.length > 0 ? notWatched(missing) : null;
  }

  probe(): void {
    this.#ask();
  }

  caughtUp(options: CaughtUpOptions): Promise<void> {
    return this.#marks.reached(options);
  }

  async checkWatched(): Promise<void> {
    const before = this.#reading;
    const reading = await this.#questions.run(() => readNotifyingTables(this.#client, this.#options));
    if (this.#ended || reading.fingerprint === before.fingerprint) return;
    requireAny(reading);
    this.#options.onceWatched.add(reading.names);
    this.#reading = reading;
    this.#foreign.clear();
    const missing = reading.unwatched.length > 0 ? reading.unwatched : reading.watched.lost;
    const problem = missing.length > 0 ? notWatched(missing) : null;
    this.#host.rewatch(reading.watched, problem);
  }

  async close(): Promise<void> {
    this.#end(new PgCacheWatchError('STATE', 'The source was closed'));
    await disconnect(this.#client);
  }

  #onNotification({ channel, payload = '' }: Notification): void {
    if (this.#ended) return;
    this.#host.heard();
    if (channel !== this.#options.channel) {
      // Our own mark: all that came before it is complete.
      this.#assembler.end();
      this.#marks.arrived(payload);
      return;
    }
    const decoded = decodePayload(payload);
    if (typeof decoded === 'string') return this.#unreadable(payload, decoded);
    const tables = this.#tablesOf(decoded);
    if (tables.length === 0) return;
    const told = tables.every((table) => fits(table, decoded)) ? decoded : ofWholeTable(decoded);
    this.#assembler.add(
      told,
      tables.map((table) => relationOf(table, told)),
    );
    this.#ask();
  }

  /** The watched tables that a payload is about: without a schema, all of that name. */
  #tablesOf({ schema, table: name }: Payload): WatchedTable[] {
    if (schema === null) return [...this.watched].filter(({ table }) => table === name);
    const table = this.watched.get(schema, name);
    if (table) return [table];
    this.#notice(schema, name);
    return [];
  }

  /**
   * A table that is not watched was told of. If it was installed since we last looked, it may be wanted; if not,
   * it is one of others who share the channel, and is not looked for again.
   */
  #notice(schema: string, table: string): void {
    const key = tableKey({ schema, table });
    if (this.#foreign.has(key)) return;
    // Anyone may notify, of tables that there are not.
    if (this.#foreign.size >= MOST_FOREIGN) this.#foreign.clear();
    this.#foreign.add(key);
    this.#mustLook = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#look().catch((error) => this.#fail(error));
  }

  /** One look at a time, and one more for all that was noticed meanwhile. */
  async #look(): Promise<void> {
    while (this.#mustLook && !this.#ended) {
      this.#mustLook = false;
      await this.checkWatched();
    }
    this.#isLooking = false;
  }

  /** A round trip: a sign of life, and the end of the transaction that is open. One at a time serves all. */
  #ask(): void {
    if (this.#asking || this.#ended) return;
    this.#asking = true;
    void this.#questions.run(() => this.#roundTrip());
  }

  #roundTrip(): Promise<void> {
    // The callback runs while the answer is parsed, before a notification that follows it: a promise's
    // continuation would run after that, and end a transaction of which only the first part has come.
    return new Promise((resolve) => {
      this.#client.query('', (error: Error | null) => {
        resolve();
        this.#asking = false;
        if (this.#ended) return;
        if (error) return this.#fail(error);
        this.#host.heard();
        this.#assembler.end();
      });
    });
  }

  #unreadable(payload: string, why: string): void {
    this.#assembler.end();
    const error = unreadable(payload, why, this.#options);
    this.#host.missed('unreadable', error);
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#end(error);
    this.#host.failed(error);
  }

  #end(reason: unknown): void {
    this.#ended = true;
    this.#marks.abandon(reason);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
