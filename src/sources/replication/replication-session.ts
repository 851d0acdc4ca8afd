import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { LogicalMessage } from '../../changes/logical-message.js';
import { type Lsn, lsn } from '../../changes/lsn.js';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';
import type { CaughtUpOptions } from '../change-source.js';
import { disconnect } from '../connection.js';
import { Marks } from '../marks.js';
import type { Continuity, Session, SessionHost } from '../session.js';
import type { WatchedTables } from '../watched-tables.js';
import { Acknowledger } from './acknowledger.js';
import { type PublishedReading, readPublishedTables } from './read-published-tables.js';
import { Receiver } from './receiver.js';
import { Relations } from './relations.js';
import type { ReplicationOptions } from './replication-options.js';
import { ReplicationStream } from './replication-stream.js';
import { notPublished, readSystem, requirePublished } from './requirements.js';
import type { SlotKeeper } from './slot-keeper.js';
import { parseSnapshot } from './snapshot.js';
import type { TransactionBuffer } from './transaction-buffer.js';
import { VisibilityGate } from './visibility-gate.js';

/** The prefix of the messages that a source sends to itself. */
const MARK_PREFIX = 'pgcachewatch';
/** What is held of one transaction before its tables collapse. */
const MAX_BYTES = 16 * 2 ** 20;
/** What waits at the gate, in changes, before all of it collapses. */
const MAX_WAITING = 100_000;

/**
 * A stream of the WAL, and beside it an ordinary connection that tells what of it can be seen by now.
 *
 * stream → decoder → receiver (a transaction, whole) → gate (visible) → host → acknowledger
 */
export class ReplicationSession implements Session {
  readonly #options: ReplicationOptions;
  readonly #host: SessionHost;
  readonly #beside: Client;
  readonly #slots: SlotKeeper;
  readonly #relations: Relations;
  readonly #receiver: Receiver;
  readonly #gate: VisibilityGate;
  readonly #stream: ReplicationStream;
  readonly #acknowledger: Acknowledger;
  readonly #marks: Marks;
  readonly #self = randomUUID();
  #reading: PublishedReading;
  #waitingChanges = 0;
  #refreshing = 0;
  #ended = false;
  readonly mode = 'replication';
  continuity: Continuity = 'continued';

  private constructor(
    options: ReplicationOptions,
    host: SessionHost,
    beside: Client,
    slots: SlotKeeper,
    reading: PublishedReading,
    walSenderTimeoutMs: number,
  ) {
    this.#options = options;
    this.#host = host;
    this.#beside = beside;
    this.#slots = slots;
    this.#reading = reading;
    this.#relations = new Relations(reading.byMember);
    this.#receiver = new Receiver({
      relations: this.#relations,
      limits: { maxChanges: options.maxChangesPerTransaction, maxBytes: MAX_BYTES },
      onTransaction: (transaction) => this.#onTransaction(transaction),
      onMessage: (message) => this.#onMessage(message),
      onUnknownRelation: () => this.#refresh(),
      onError: (error) => this.#fail(error),
    });
    this.#gate = new VisibilityGate({
      gated: options.visibility === 'gated',
      snapshot: () => this.#snapshot(),
      onError: (error) => this.#fail(error),
    });
    this.#marks = new Marks((mark) => this.#sendMark(mark));
    this.#stream = new ReplicationStream({
      connection: options.connection,
      publication: options.publication,
      prepare: async (client) => {
        const { slot, continuity } = await slots.open(client);
        this.continuity = continuity;
        return slot;
      },
      onMessage: (message) => {
        host.heard();
        this.#receiver.receive(message);
      },
      onKeepalive: (position, replyWanted) => {
        host.heard();
        this.#acknowledger.keepalive(position, this.#isIdle(), replyWanted);
      },
      onEnd: (error) => this.#fail(error),
    });
    this.#acknowledger = new Acknowledger({
      walSenderTimeoutMs,
      send: (upTo, ping) => this.#stream.confirm(upTo, ping),
    });
    beside.on('error', (error) => this.#fail(error));
    beside.on('end', () =>
      this.#fail(new PgCacheWatchError('CONNECTION', 'The server has closed the connection')),
    );
  }

  /** Streams from a slot, until what was committed before is delivered. */
  static async open(
    beside: Client,
    options: ReplicationOptions,
    host: SessionHost,
    slots: SlotKeeper,
  ): Promise<ReplicationSession> {
    await beside.query(sql('replication/gate-session.sql'));
    const system = await readSystem(beside, options.publication);
    const reading = await readPublishedTables(beside, options);
    requirePublished(reading, options);
    const session = new ReplicationSession(
      options,
      host,
      beside,
      slots,
      reading,
      system.wal_sender_timeout_ms,
    );
    try {
      await session.#stream.start();
      // Live is who has nothing left to hear of the past: a durable slot may have kept a lot.
      await session.#marks.reached({});
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  get watched(): WatchedTables {
    return this.#reading.watched;
  }

  probe(): void {
    this.#acknowledger.ping();
  }

  caughtUp(options: CaughtUpOptions): Promise<void> {
    return this.#marks.reached(options);
  }

  async checkWatched(): Promise<void> {
    const before = this.#reading;
    const reading = await readPublishedTables(this.#beside, this.#options);
    if (this.#ended || reading.fingerprint === before.fingerprint) return;
    this.#reading = reading;
    this.#relations.replace(reading.byMember);
    const problem = reading.unwatched.length > 0 ? notPublished(reading.unwatched, this.#options) : null;
    this.#host.rewatch(reading.watched, problem);
  }

  async close(): Promise<void> {
    if (!this.#ended) this.#acknowledger.flush();
    this.#end(new PgCacheWatchError('STATE', 'The source was closed'));
    await Promise.all([this.#stream.close(), disconnect(this.#beside)]);
  }

  #onTransaction(transaction: TransactionBuffer): void {
    if (this.#slots.wasApplied(transaction.position)) return;
    const relevant = transaction.size > 0 || transaction.messages.length > 0 || transaction.hasUnknown;
    if (!relevant && this.#gate.isEmpty) return this.#applied(transaction.position);
    this.#waitingChanges += transaction.size;
    if (this.#waitingChanges > MAX_WAITING) transaction.collapse();
    this.#gate.add({
      xid: relevant ? transaction.shortXid : null,
      isReady: () => !transaction.hasUnknown || this.#refreshing === 0,
      pass: (xid) => this.#pass(transaction, xid),
    });
  }

  #pass(transaction: TransactionBuffer, xid: bigint | null): void {
    this.#waitingChanges = this.#gate.isEmpty ? 0 : Math.max(0, this.#waitingChanges - transaction.size);
    transaction.fullXid = xid;
    transaction.resolveUnknown((oid) => this.#relations.table(oid));
    if (transaction.size > 0) this.#host.deliver(transaction);
    for (const message of transaction.messages) this.#deliverMessage(message);
    this.#applied(transaction.position);
  }

  #onMessage(message: LogicalMessage): void {
    this.#gate.add({ xid: null, isReady: () => true, pass: () => this.#deliverMessage(message) });
  }

  #deliverMessage(message: LogicalMessage): void {
    if (message.prefix !== MARK_PREFIX) return this.#host.message(message);
    const [whose, mark] = message.content.toString().split(' ');
    if (whose === this.#self && mark !== undefined) this.#marks.arrived(mark);
  }

  #applied(commitLsn: Lsn): void {
    if (this.#ended) return;
    this.#acknowledger.transactionApplied(commitLsn);
    this.#slots.applied(lsn(commitLsn + 1n));
  }

  #isIdle(): boolean {
    return !this.#receiver.isReceiving && this.#gate.isEmpty;
  }

  /** A relation has appeared that is not known: what waits for it is not delivered before it is. */
  #refresh(): void {
    this.#refreshing++;
    this.checkWatched().then(
      () => this.#refreshing--,
      (error: unknown) => this.#fail(error),
    );
  }

  async #snapshot() {
    const { rows } = await this.#beside.query<{ snapshot: string }>(sql('replication/snapshot.sql'));
    return parseSnapshot(rows[0]?.snapshot ?? '');
  }

  async #sendMark(mark: string): Promise<void> {
    await this.#beside.query(sql('replication/mark.sql'), [MARK_PREFIX, `${this.#self} ${mark}`]);
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#end(error);
    this.#host.failed(error);
  }

  #end(reason: unknown): void {
    this.#ended = true;
    this.#gate.close();
    this.#acknowledger.stop();
    this.#marks.abandon(reason);
  }
}
