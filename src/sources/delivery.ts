import type { Origin } from '../changes/change-event.js';
import type { ChangeTransaction } from '../changes/change-transaction.js';
import type { Gap } from '../changes/gap.js';
import { asError, PgCacheWatchError } from '../errors.js';
import type { ChangeConsumer } from './change-source.js';
import { ChangeCounters, type ToldTransaction } from './change-statistics.js';
import { ChangeStream } from './change-stream.js';
import { Listeners } from './listeners.js';
import type { WatchedTables } from './watched-tables.js';

export interface DeliveryOptions {
  readonly maxBufferedChanges: number;
  readonly onError: (error: PgCacheWatchError) => void;
}

/**
 * Hands what a source has found out to everyone concerned, in one synchronous turn: first the consumers,
 * which follow the database, then the listeners and the iterations, which may read from the consumers.
 */
export class Delivery {
  readonly listeners: Listeners;
  readonly counters = new ChangeCounters();
  readonly #options: DeliveryOptions;
  readonly #consumers = new Set<ChangeConsumer>();
  readonly #streams = new Set<ChangeStream>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.listeners = new Listeners(options.onError);
  }

  attach(consumer: ChangeConsumer): () => void {
    this.#consumers.add(consumer);
    return () => void this.#consumers.delete(consumer);
  }

  stream(ended: boolean): ChangeStream {
    const stream = new ChangeStream(this.#options.maxBufferedChanges, {
      onCollapse: () => void this.counters.collapsedIterations++,
      onEnd: () => void this.#streams.delete(stream),
    });
    if (ended) stream.end();
    else this.#streams.add(stream);
    return stream;
  }

  transaction(transaction: ToldTransaction): void {
    this.counters.transaction(transaction);
    const actions: (() => void)[] = [];
    for (const consumer of this.#consumers) actions.push(this.#prepare(consumer, transaction));
    for (const act of actions) this.#guard(act);
    this.listeners.emit('transaction', transaction);
    if (this.#streams.size === 0 && !this.listeners.has('change')) return;
    const bytesEach = transaction.bytes / Math.max(1, transaction.size);
    for (const change of transaction.changes) {
      for (const stream of this.#streams) stream.push(change, bytesEach);
      this.listeners.emit('change', change);
    }
  }

  gap(gap: Gap, watched: WatchedTables, origin: Origin): void {
    this.counters.gap(gap);
    for (const consumer of this.#consumers) this.#guard(() => consumer.gap(gap));
    for (const stream of this.#streams) {
      const transaction = { xid: null, commitLsn: null, committedAt: null };
      stream.pushGap(watched, { transaction, sentAt: gap.at, receivedAt: gap.at, origin });
    }
    this.listeners.emit('gap', gap);
  }

  end(): void {
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
  }

  /** A consumer that could not decide has lost a transaction: to it, that is a gap. */
  #prepare(consumer: ChangeConsumer, transaction: ChangeTransaction): () => void {
    try {
      return consumer.prepare(transaction);
    } catch (thrown) {
      this.#options.onError(consumerError(thrown));
      const detail = 'A transaction could not be applied.';
      return () => consumer.gap({ reason: 'unreadable', detail, at: new Date() });
    }
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      this.#options.onError(consumerError(thrown));
    }
  }
}

function consumerError(thrown: unknown): PgCacheWatchError {
  const cause = asError(thrown);
  return new PgCacheWatchError('CALLBACK', `A consumer of changes has thrown: ${cause.message}`, { cause });
}
