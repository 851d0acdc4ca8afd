import type { Client } from 'pg';
import { parseLsn } from '../../changes/lsn.js';
import { PgCacheWatchError } from '../../errors.js';
import { AwaitedAnswer } from '../awaited-answer.js';
import type { CaughtUpOptions, Lag } from '../change-source.js';
import type { Held } from '../change-statistics.js';
import { fallenBehind } from '../fallen-behind.js';
import { Heartbeat } from '../heartbeat.js';
import type { Continuity, Session, SessionHost } from '../session.js';
import { MAX_TRANSACTION_BYTES } from '../transaction-limits.js';
import type { WatchedTables } from '../watched-tables.js';
import { Watch, type WatchedFrom, type WatchPast } from '../watching/watch.js';
import { Acknowledger } from './acknowledger.js';
import { Backlog } from './backlog.js';
import type { Beside } from './beside.js';
import { decode } from './decoder.js';
import { BACKLOG_LIMITS, LOCK_TIMEOUT_MS, senderTimeoutMs } from './limits.js';
import { overflow } from './overflow.js';
import { OwnMarks } from './own-marks.js';
import type { PublishedReading } from './read-published-tables.js';
import { Receiver } from './receiver.js';
import { Relations } from './relations.js';
import type { ReplicationOptions } from './replication-options.js';
import { ReplicationStream } from './replication-stream.js';
import { replicationComplaints, requireSameServer, type System } from './requirements.js';
import type { SlotKeeper } from './slot-keeper.js';
import type { TransactionBuffer } from './transaction-buffer.js';
import { within } from './within.js';

/** What the sessions of one source know of one another. */
export interface Past {
  readonly slots: SlotKeeper;
  readonly watched: WatchPast;
  /** What was watched when a session was last live. */
  fingerprint: string | undefined;
}

/**
 * A stream of the WAL, and beside it an ordinary connection that tells what of it can be seen by now.
 *
 * stream → decoder → receiver (a transaction, whole) → backlog (visible) → host → acknowledger
 */
export class ReplicationSession implements Session {
  readonly mode = 'replication';
  readonly #options: ReplicationOptions;
  readonly #host: SessionHost;
  readonly #beside: Beside;
  readonly #past: Past;
  readonly #watch: Watch<PublishedReading>;
  readonly #relations: Relations;
  readonly #receiver: Receiver;
  readonly #backlog: Backlog;
  readonly #stream: ReplicationStream;
  readonly #acknowledger: Acknowledger;
  readonly #marks: OwnMarks;
  readonly #answer: AwaitedAnswer;
  /** Rejects when the session ends. */
  readonly #over: Promise<never>;
  #endWith: (reason: unknown) => void = () => {};
  #heard: () => void = () => {};
  #live = false;
  #ended = false;
  #continuity: Continuity = 'continued';
  #streamsFrom: WatchedFrom = 'changed';

  private constructor(
    options: ReplicationOptions,
    host: SessionHost,
    beside: Beside,
    past: Past,
    watch: Watch<PublishedReading>,
    system: System,
  ) {
    const walSenderTimeoutMs = senderTimeoutMs(system.wal_sender_timeout_ms, options.silenceLimitMs);
    this.#options = options;
    this.#host = host;
    this.#beside = beside;
    this.#past = past;
    this.#watch = watch;
    this.#over = new Promise((_, reject) => {
      this.#endWith = reject;
    });
    this.#over.catch(() => {});
    this.#answer = new AwaitedAnswer(options.silenceLimitMs);
    this.#relations = new Relations(watch.reading, options.types);
    this.#backlog = new Backlog({
      limits: BACKLOG_LIMITS,
      gated: options.visibility === 'gated',
      snapshot: () => beside.snapshot(),
      refresh: () => this.checkWatched(),
      onTransaction: (transaction) => this.#deliver(transaction),
      onMessage: (message) => this.#marks.takes(message) || host.message(message),
      onUnreadable: (error) => host.missed('unreadable', error),
      onOverflow: () => host.missed('overflow', overflow()),
      onApplied: (commitLsn) => this.#ended || this.#acknowledger.transactionApplied(commitLsn),
      isMark: (message) => this.#marks.isOwn(message),
      onBusy: (busy) => this.#stream.hold(busy),
      onError: (error) => this.#fail(error),
    });
    this.#receiver = new Receiver({
      relations: this.#relations,
      limits: { maxChanges: options.maxChangesPerTransaction, maxBytes: MAX_TRANSACTION_BYTES },
      onTransaction: (transaction) =>
        past.slots.wasApplied(transaction.position) || this.#backlog.transaction(transaction),
      onMessage: (message) => this.#backlog.message(message),
      onUnreadable: (error) => this.#backlog.unreadable(error),
      onError: (error) => this.#fail(error),
    });
    this.#marks = new OwnMarks(beside);
    this.#stream = new ReplicationStream({
      connection: options.connection,
      publication: options.publication,
      prepare: async (client) => {
        // Before a slot is made where nobody would look for it.
        await requireSameServer(client, system);
        return this.#openSlot(client, walSenderTimeoutMs);
      },
      onRead: () => {
        this.#heard();
        host.heard();
        this.#noticeLateness();
      },
      onMessage: (content, start, end) => decode(content, start, end, this.#receiver),
      onKeepalive: (position, replyWanted) => {
        this.#answer.came();
        this.#acknowledger.keepalive(position, this.#isIdle(), replyWanted);
      },
      onEnd: (error) => {
        past.slots.failed(error);
        this.#fail(error);
      },
    });
    this.#acknowledger = new Acknowledger({
      walSenderTimeoutMs,
      send: (upTo, ping) => this.#stream.confirm(upTo, ping),
    });
    beside.onEnd((error) => this.#fail(error));
  }

  /**
   * Streams from a slot, until what was committed before is delivered.
   *
   * @param signal ends the attempt, which then rejects
   */
  static async open(
    beside: Beside,
    options: ReplicationOptions,
    host: SessionHost,
    past: Past,
    signal: AbortSignal,
  ): Promise<ReplicationSession> {
    const system = await beside.begin();
    const watch = await Watch.open(beside.catalog, options, replicationComplaints(options), past.watched);
    const session = new ReplicationSession(options, host, beside, past, watch, system);
    const abort = () => session.#fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      await Promise.race([session.#becomeLive(), session.#over]);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  get continuity(): Continuity {
    return this.#continuity;
  }

  get held(): Held {
    return { waiting: this.#backlog.waiting, notificationQueue: null };
  }

  get watched(): WatchedTables {
    return this.#watch.tables;
  }

  get problem(): PgCacheWatchError | null {
    return this.#watch.problem;
  }

  probe(): void {
    this.#acknowledger.ping();
  }

  caughtUp(options: CaughtUpOptions): Promise<void> {
    return this.#marks.reached(options);
  }

  async checkWatched(): Promise<void> {
    const changed = await this.#watch.check();
    if (changed === null || this.#ended) return;
    const { reading } = this.#watch;
    this.#relations.replace(reading);
    if (this.#live) this.#past.fingerprint = reading.fingerprint;
    this.#host.rewatch(this.watched, changed.problem);
  }

  #recheck(): void {
    this.checkWatched().catch((error: unknown) => this.#fail(error));
  }

  async lag(): Promise<Lag> {
    const written = parseLsn(await this.#beside.walPosition());
    const bytes = written - this.#acknowledger.applied;
    const { oldest } = this.#backlog;
    return {
      bytes: bytes > 0n ? Number(bytes) : 0,
      seconds: oldest && Math.max(0, Date.now() - oldest.getTime()) / 1000,
    };
  }

  async close(): Promise<void> {
    const last = this.#ended ? undefined : this.#sayLast();
    this.#end(new PgCacheWatchError('STATE', 'The source was closed'));
    await last;
    await Promise.all([this.#stream.close(), this.#beside.close()]);
  }

  async #becomeLive(): Promise<void> {
    const { silenceLimitMs } = this.#options;
    await this.#backlog.begin();
    // Creating a slot waits in silence, for as long as it may.
    await within(LOCK_TIMEOUT_MS + Math.max(silenceLimitMs, 5_000), 'the slot', this.#stream.start());
    // Live is who has nothing left to hear of the past: a durable slot may have kept a lot.
    const heartbeat = new Heartbeat({
      silenceLimitMs,
      probe: () => this.probe(),
      onSilent: () => this.#fail(new PgCacheWatchError('SILENT', 'The server fell silent while it streamed')),
    });
    this.#heard = () => heartbeat.heard();
    try {
      await Promise.race([this.#marks.reached({}), this.#over]);
    } finally {
      heartbeat.stop();
    }
    this.#heard = () => {};
    await this.#watch.begin(this.#streamsFrom, () => this.#recheck());
    const { slots, fingerprint } = this.#past;
    if (
      this.#continuity === 'continued' &&
      fingerprint !== undefined &&
      fingerprint !== this.#watch.reading.fingerprint
    ) {
      this.#continuity = 'unwatched';
    }
    slots.settled();
    this.#past.fingerprint = this.#watch.reading.fingerprint;
    this.#live = true;
  }

  async #openSlot(client: Client, walSenderTimeoutMs: number): Promise<string> {
    const { slots } = this.#past;
    const opened = await slots.open(client, walSenderTimeoutMs, this.#watch.publishedBy);
    const { slot, confirmed, continuity, streamsFrom, encoding } = opened;
    this.#continuity = continuity;
    this.#streamsFrom = streamsFrom;
    this.#relations.begin(encoding);
    this.#acknowledger.beginAt(confirmed);
    return slot;
  }

  async #sayLast(): Promise<void> {
    this.#acknowledger.flush();
    // A temporary slot goes with its connection: nobody reads on from there.
    if (this.#options.slot) await this.#stream.finish();
  }

  /** What a durable slot has kept while nobody listened may be as old as it is. */
  #noticeLateness(): void {
    if (!this.#live || this.#ended) return;
    if (this.#answer.isOverdue) return this.#fail(fallenBehind(this.#options.silenceLimitMs));
    if (!this.#answer.isWanted) return;
    this.#answer.asked();
    this.#acknowledger.ping();
  }

  #deliver(transaction: TransactionBuffer): void {
    transaction.resolveUnknown(this.#relations);
    if (transaction.size > 0) this.#host.deliver(transaction);
  }

  #isIdle(): boolean {
    return !this.#receiver.isReceiving && this.#backlog.isEmpty;
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#end(error);
    this.#host.failed(error);
  }

  #end(reason: unknown): void {
    if (!this.#ended) this.#past.slots.applied(this.#acknowledger.applied);
    this.#ended = true;
    this.#backlog.close();
    this.#watch.close();
    this.#acknowledger.stop();
    this.#marks.abandon(reason);
    this.#endWith(reason);
  }
}
