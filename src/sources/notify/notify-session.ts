import { randomBytes } from 'node:crypto';
import type { Client, Notification } from 'pg';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import { Brake } from '../brake.js';
import type { CaughtUpOptions } from '../change-source.js';
import { type Held, NOTHING_WAITS } from '../change-statistics.js';
import { sessionOf } from '../connection/session.js';
import { disconnect } from '../connection.js';
import { FairShare } from '../fair-share.js';
import { fallenBehind } from '../fallen-behind.js';
import { Marks } from '../marks.js';
import { OneAtATime } from '../one-at-a-time.js';
import type { Reading } from '../read-watched-tables.js';
import type { Session, SessionHost } from '../session.js';
import { MAX_TRANSACTION_BYTES } from '../transaction-limits.js';
import { Watch } from '../watch.js';
import type { WatchedTable, WatchedTables } from '../watched-tables.js';
import { fits, ofWholeTable } from './fits.js';
import { ForeignTables } from './foreign-tables.js';
import { NotificationQueue } from './notification-queue.js';
import type { NotifyOptions } from './notify-options.js';
import { decodePayload, type Payload } from './payload.js';
import { relationOf } from './payload-relation.js';
import { readNotifyingTables } from './read-notifying-tables.js';
import { NOTIFY_COMPLAINTS, notDelivered } from './requirements.js';
import { RoundTrips } from './round-trips.js';
import { TransactionAssembler } from './transaction-assembler.js';
import { UnreadablePayloads } from './unreadable-payloads.js';

/** Less than that would end connections of processes that are merely busy. */
const LEAST_USER_TIMEOUT_MS = 5_000;

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
  readonly #fairShare: FairShare;
  readonly #roundTrips: RoundTrips;
  readonly #queue: NotificationQueue;
  readonly #watch: Watch<Reading>;
  readonly #foreign: ForeignTables;
  readonly #unreadable: UnreadablePayloads;
  /** Who sends the marks: the connection itself, once it is known to hear what others send. */
  #notifier: Client;
  #live = false;
  #ended = false;

  private constructor(
    client: Client,
    options: NotifyOptions,
    host: SessionHost,
    watch: Watch<Reading>,
    ownChannel: string,
    notifier: Client,
  ) {
    this.#client = client;
    this.#options = options;
    this.#host = host;
    this.#watch = watch;
    this.#notifier = notifier;
    this.#marks = new Marks((mark) =>
      this.#questions.run(() => this.#notifier.query(MARK, [ownChannel, mark])),
    );
    const limits = { maxChanges: options.maxChangesPerTransaction, maxBytes: MAX_TRANSACTION_BYTES };
    this.#assembler = new TransactionAssembler(limits, (transaction) => {
      // What comes before is of the past: nothing is cached, or a gap will drop it.
      if (this.#live) host.deliver(transaction);
    });
    this.#foreign = new ForeignTables(() => this.checkWatched().catch((error) => this.#fail(error)));
    this.#unreadable = new UnreadablePayloads(options.channel);
    const brake = new Brake(client.connection.stream);
    this.#fairShare = new FairShare(brake.pedal());
    this.#roundTrips = new RoundTrips(client, {
      questions: this.#questions,
      silenceLimitMs: options.silenceLimitMs,
      socket: brake.pedal(),
      onAnswer: () => {
        host.heard();
        this.#endMoment();
      },
      onError: (error) => this.#fail(error),
    });
    this.#queue = new NotificationQueue(client, options.logger);
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
    const tcp_user_timeout = String(Math.max(LEAST_USER_TIMEOUT_MS, Math.floor(options.silenceLimitMs)));
    const settings = sql('notify/session.sql', { tcp_user_timeout });
    const shared = sessionOf(client)?.isShared ? sessionOf(client) : undefined;
    if (!shared) await client.query(settings);
    await client.query(sql('notify/listen.sql', channels));
    const reading = await readNotifyingTables(client, options);
    const watch = new Watch(reading, options, NOTIFY_COMPLAINTS);
    const session = new NotifySession(client, options, host, watch, ownChannel, notifier);
    // Before the mark: it would fail where the queue is full of what nobody waits for any more.
    await session.#queue.look();
    try {
      await session.#marks.reached({ signal: AbortSignal.timeout(options.silenceLimitMs) });
    } catch (error) {
      if (!isTimeout(error)) throw error;
      // Not delivered, if the server answers; if it does not, this is given up with the opening.
      await client.query(sql('notify/unlisten.sql', channels));
      throw notDelivered(options);
    }
    if (shared) {
      // What it was sent has come: the pooler does not lend its process to others, who would get our settings.
      await shared.keep();
      await client.query(settings);
    }
    session.#notifier = client;
    session.#live = true;
    return session;
  }

  readonly mode = 'notify';
  /** What is not listened to is lost. */
  readonly continuity = 'reconnected';

  get held(): Held {
    return { waiting: NOTHING_WAITS, notificationQueue: this.#queue.usage };
  }

  get watched(): WatchedTables {
    return this.#watch.tables;
  }

  get problem(): PgCacheWatchError | null {
    return this.#watch.problem;
  }

  probe(): void {
    this.#roundTrips.ask();
  }

  caughtUp(options: CaughtUpOptions): Promise<void> {
    return this.#marks.reached(options);
  }

  async checkWatched(): Promise<void> {
    const reading = await this.#questions.run(async () => {
      await this.#queue.look();
      return readNotifyingTables(this.#client, this.#options);
    });
    const changed = this.#ended ? null : this.#watch.update(reading);
    if (changed === null) return;
    this.#foreign.forget();
    this.#host.rewatch(reading.watched, changed.problem);
  }

  async close(): Promise<void> {
    this.#end(new PgCacheWatchError('STATE', 'The source was closed'));
    await disconnect(this.#client);
  }

  #onNotification({ channel, payload = '' }: Notification): void {
    if (this.#ended) return;
    this.#fairShare.taken();
    this.#host.heard();
    if (this.#roundTrips.isOverdue) return this.#fail(fallenBehind(this.#options.silenceLimitMs));
    if (channel !== this.#options.channel) {
      // Our own mark: all that came before it is complete.
      this.#endMoment();
      this.#marks.arrived(payload);
      return;
    }
    const decoded = decodePayload(payload);
    if (typeof decoded === 'string') return this.#cannotRead(payload, decoded);
    const tables = this.#tablesOf(decoded);
    if (tables.length === 0) return;
    const told = tables.every((table) => fits(table, decoded)) ? decoded : ofWholeTable(decoded);
    const relations = tables.map((table) => relationOf(table, told));
    this.#assembler.add(told, relations, payload.length);
    this.#roundTrips.ask();
  }

  /** The watched tables that a payload is about: without a schema, all of that name. */
  #tablesOf({ schema, table: name }: Payload): WatchedTable[] {
    if (schema === null) return [...this.watched].filter(({ table }) => table === name);
    const table = this.watched.get(schema, name);
    if (table) return [table];
    this.#foreign.noticed({ schema, table: name });
    return [];
  }

  /** Told of with the answer, which may be long in coming. */
  #cannotRead(payload: string, why: string): void {
    this.#assembler.end();
    this.#unreadable.add(payload, why);
    if (this.#unreadable.areDue) this.#endMoment();
    this.#roundTrips.ask();
  }

  #endMoment(): void {
    this.#assembler.end();
    const error = this.#unreadable.take();
    if (error) this.#host.missed('unreadable', error);
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#end(error);
    this.#host.failed(error);
  }

  #end(reason: unknown): void {
    this.#ended = true;
    this.#roundTrips.stop();
    this.#marks.abandon(reason);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
