import { randomBytes } from 'node:crypto';
import type { Client, Notification } from 'pg';
import { tableKey } from '../../changes/whole-table.js';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import { AwaitedAnswer } from '../awaited-answer.js';
import { Brake } from '../brake.js';
import type { CaughtUpOptions } from '../change-source.js';
import { type Held, NOTHING_WAITS } from '../change-statistics.js';
import { disconnect } from '../connection.js';
import { FairShare } from '../fair-share.js';
import { fallenBehind } from '../fallen-behind.js';
import { Marks } from '../marks.js';
import { OneAtATime } from '../one-at-a-time.js';
import type { Reading } from '../read-watched-tables.js';
import { type PaceOptions, ReadingPace } from '../reading-pace.js';
import type { Session, SessionHost } from '../session.js';
import { MAX_TRANSACTION_BYTES } from '../transaction-limits.js';
import type { WatchedTable, WatchedTables } from '../watched-tables.js';
import { fits, ofWholeTable } from './fits.js';
import { NotificationQueue } from './notification-queue.js';
import type { NotifyOptions } from './notify-options.js';
import { decodePayload, type Payload } from './payload.js';
import { relationOf } from './payload-relation.js';
import { readNotifyingTables } from './read-notifying-tables.js';
import { notDelivered, notWatched, requireAny, requireWatched, unreadable } from './requirements.js';
import { TransactionAssembler } from './transaction-assembler.js';

/** How many names of tables are remembered that nobody wants to hear of. */
const MOST_FOREIGN = 1000;

/** Less than that would end connections of processes that are merely busy. */
const LEAST_USER_TIMEOUT_MS = 5_000;

/** How long what cannot be read is gathered, to be told as one gap. */
const LONGEST_UNREADABLE_MS = 100;

/** Beginning with 1,750 questions a second. 180 bytes are about a notification. */
const PACE: PaceOptions = { reads: 14, withinMs: 8, busyBytesPerMs: 180, settledBy: 'call' };

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
  readonly #pace: ReadingPace;
  /** What has come since the last answer. */
  #bytes = 0;
  readonly #queue: NotificationQueue;
  readonly #answer: AwaitedAnswer;
  /** Who sends the marks: the connection itself, once it is known to hear what others send. */
  #notifier: Client;
  #reading: Reading;
  #unreadable:
    | { readonly payload: string; readonly why: string; readonly atMs: number; more: number }
    | undefined;
  /** Tables that were told of and are not watched. */
  readonly #foreign = new Set<string>();
  #mustLook = false;
  #isLooking = false;
  #live = false;
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
    const limits = { maxChanges: options.maxChangesPerTransaction, maxBytes: MAX_TRANSACTION_BYTES };
    this.#assembler = new TransactionAssembler(limits, (transaction) => {
      // What comes before is of the past: nothing is cached, or a gap will drop it.
      if (this.#live) host.deliver(transaction);
    });
    this.#answer = new AwaitedAnswer(options.silenceLimitMs);
    const { stream } = client.connection;
    const brake = new Brake(stream);
    this.#fairShare = new FairShare(brake.pedal());
    this.#pace = new ReadingPace(brake.pedal(), PACE);
    stream.prependListener('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
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
    await client.query(sql('notify/session.sql', { ...channels, tcp_user_timeout }));
    const reading = await readNotifyingTables(client, options);
    requireWatched(reading, options);
    options.onceWatched.add(reading.names);
    const session = new NotifySession(client, options, host, reading, ownChannel, notifier);
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
    const reading = await this.#questions.run(async () => {
      await this.#queue.look();
      return readNotifyingTables(this.#client, this.#options);
    });
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
    this.#fairShare.taken();
    this.#host.heard();
    if (this.#answer.isOverdue) return this.#fail(fallenBehind(this.#options.silenceLimitMs));
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
    if (this.#answer.isAwaited || this.#ended) return;
    this.#answer.asked();
    void this.#questions.run(() => this.#roundTrip());
  }

  #roundTrip(): Promise<void> {
    // The callback runs while the answer is parsed, before a notification that follows it: a promise's
    // continuation would run after that, and end a transaction of which only the first part has come.
    return new Promise((resolve) => {
      this.#client.query('', (error: Error | null) => {
        resolve();
        this.#answer.came();
        if (this.#ended) return;
        if (error) return this.#fail(error);
        this.#host.heard();
        this.#endMoment();
        // Now, and not before: as long as the socket is left alone, no answer comes.
        this.#pace.taken(this.#bytes);
        this.#bytes = 0;
      });
    });
  }

  /** Told of with the answer, in one gap: anyone can send a million of them. An answer may be long in coming then. */
  #cannotRead(payload: string, why: string): void {
    this.#assembler.end();
    if (this.#unreadable) this.#unreadable.more++;
    else this.#unreadable = { payload, why, more: 0, atMs: performance.now() };
    if (performance.now() - this.#unreadable.atMs > LONGEST_UNREADABLE_MS) this.#endMoment();
    this.#ask();
  }

  #endMoment(): void {
    this.#assembler.end();
    if (this.#unreadable === undefined) return;
    const { payload, why, more } = this.#unreadable;
    this.#unreadable = undefined;
    this.#host.missed('unreadable', unreadable(payload, why, more, this.#options));
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
