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
import type { WatchedTable, WatchedTables } from '../watched-tables.js';
import { Watch, type WatchPast } from '../watching/watch.js';
import { watchCatalog } from '../watching/watch-catalog.js';
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
  readonly #questions: OneAtATime;
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
    questions: OneAtATime,
    ownChannel: string,
    notifier: Client,
  ) {
    this.#client = client;
    this.#questions = questions;
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
    this.#foreign = new ForeignTables(() => this.#recheck());
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
    past: WatchPast,
    notifier = client,
  ): Promise<NotifySession> {
    const ownChannel = `pgcachewatch_${randomBytes(8).toString('hex')}`;
    const channels = { channel: options.channel, own_channel: ownChannel };
    const tcp_user_timeout = String(Math.max(LEAST_USER_TIMEOUT_MS, Math.floor(options.silenceLimitMs)));
    const settings = sql('notify/session.sql', { tcp_user_timeout });
    const shared = sessionOf(client)?.isShared ? sessionOf(client) : undefined;
    if (!shared) await client.query(settings);
    await client.query(sql('notify/listen.sql', channels));
    const questions = new OneAtATime();
    const catalog = watchCatalog(
      (work) => questions.run(() => work(client)),
      () => readNotifyingTables(client, options),
    );
    const watch = await Watch.open(catalog, options, NOTIFY_COMPLAINTS, past);
    const session = new NotifySession(client, options, host, watch, questions, ownChannel, notifier);
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
    await watch.begin('known', () => void session.#recheck());
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

  async caughtUp(options: CaughtUpOptions): Promise<void> {
    await this.#marks.reached(options);
    // Law 2: what was announced under a name that is not known is not applied before it is known what that means.
    await this.#foreign.settled();
  }

  async checkWatched(): Promise<void> {
    await this.#questions.run(() => this.#queue.look());
    const changed = await this.#watch.check();
    if (changed === null || this.#ended) return;
    this.#foreign.forget();
    this.#host.rewatch(this.watched, changed.problem);
  }

  #recheck(): Promise<void> {
    return this.checkWatched().catch((error: unknown) => this.#fail(error));
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

  /**
   * The watched tables that a payload is about: without a schema, all of that name. A table that has another name now
   * than when the catalog was read is the one by its oid, and whichever is known by that name.
   */
  #tablesOf({ schema, table: name, oid }: Payload): WatchedTable[] {
    if (schema === null) {
      const tables = [...this.watched].filter(({ table }) => table === name);
      if (tables.length === 0) this.#foreign.noticed({ schema: '', table: name }, null);
      return tables;
    }
    const named = this.watched.get(schema, name);
    const known = oid === null ? named : this.#watch.reading.byOid.get(String(oid));
    if (known === undefined || known !== named) this.#foreign.noticed({ schema, table: name }, oid);
    return [...new Set([named, known])].filter((table) => table !== undefined);
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
    this.#watch.close();
    this.#marks.abandon(reason);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
