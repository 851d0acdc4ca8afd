import type { ChangeEvent, Origin } from '../changes/change-event.js';
import type { ChangeTransaction } from '../changes/change-transaction.js';
import type { Gap } from '../changes/gap.js';
import type { LogicalMessage } from '../changes/logical-message.js';
import type { Logger } from '../logger.js';
import type { Reason } from './auto/reason.js';
import type { ChangeStatistics } from './change-statistics.js';
import type { WatchedTables } from './watched-tables.js';

/**
 * - `idle`: not started.
 * - `connecting`: started, and never live so far.
 * - `live`: every transaction that commits from now on will be reported.
 * - `interrupted`: was live, is not, and is trying to be again. A gap is announced before `live`.
 * - `closed`: over, for good.
 */
export type SourceState = 'idle' | 'connecting' | 'live' | 'interrupted' | 'closed';

/** Which of the two ways of hearing of a change is in use. */
export type SourceMode = Origin;

export interface SourceEvents {
  transaction: ChangeTransaction;
  /** Each change of each transaction: `transaction`, flattened. */
  change: ChangeEvent;
  gap: Gap;
  /** A message sent with `pg_logical_emit_message`; from the replication source only. */
  message: LogicalMessage;
  state: SourceState;
  /** What went wrong and the remedy, where it did not reach a caller. Without a listener it is only logged. */
  error: Error;
}

/**
 * Something that must follow the database exactly, such as a cache. Consumers are told before any
 * listener is, so whatever a listener reads is up to date.
 */
export interface ChangeConsumer {
  /**
   * Decides what the transaction means, changing nothing that can be seen, and returns what makes it so.
   * All consumers decide before the first one acts, so user code that runs while deciding (a predicate)
   * never meets half a transaction. Neither step may wait.
   */
  prepare(transaction: ChangeTransaction): () => void;
  /** Forgets everything: changes may have been missed. */
  gap(gap: Gap): void;
}

export interface StartOptions {
  /**
   * Gives up after this many milliseconds: the promise rejects with `TIMEOUT`, which says what was waited for.
   * Default: waits as long as it takes.
   */
  readonly timeoutMs?: number | undefined;
  /** Gives up when it aborts: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * `false`: resolves at once, and the source becomes live by itself as soon as it can. What would make `start()`
   * reject is reported like any other error and tried again, at most 30 s apart (5 minutes after a failed login).
   * Default: `true`.
   */
  readonly wait?: boolean | undefined;
}

export interface CaughtUpOptions {
  /** Gives up waiting; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a source is behind the server. */
export interface Lag {
  /** WAL that the server has written and that is not applied yet, whatever it is about. */
  readonly bytes: number;
  /** How long ago the oldest transaction committed that was received and is not applied; `null`: none waits. */
  readonly seconds: number | null;
}

/** Where changes come from. The same for every mode; whoever consumes changes knows no more than this. */
export interface ChangeSource extends AsyncIterable<ChangeEvent>, AsyncDisposable {
  /** What is in use; what `auto` has chosen, and `null` before it has. */
  readonly mode: SourceMode | null;
  /** What `auto` found, each "no" with its remedy; empty where the mode was given. */
  readonly reasons: readonly Reason[];
  readonly state: SourceState;
  /** As it was given, for those who build on the source; `null`: none was. */
  readonly logger: Logger | null;
  /** What it has told, what it had to tell less precisely, and what it holds. Counted from its making. */
  readonly statistics: ChangeStatistics;
  /** The tables whose changes are reported, as last read from the database. Empty before `live`. */
  readonly watched: WatchedTables;

  /**
   * Resolves when live; at once where it has been live before. Errors that waiting may mend are retried until the
   * last caller has given up; without `timeoutMs` and `signal`, for ever. All callers share one attempt. When that has
   * failed, or nobody waits for it any more, the source is `idle` again and `start()` may be called again.
   *
   * @throws PgCacheWatchError where waiting will not help, with the reason and the remedy; `TIMEOUT`; `STATE` where
   *   the source is closed; `BAD_OPTION`. The signal's reason if that aborts
   */
  start(options?: StartOptions): Promise<void>;

  /** Ends the connection, the timers and every iteration. Never rejects; may be called again. */
  close(): Promise<void>;

  /**
   * Resolves when every change that was committed before this call, by anyone, has been applied.
   * If the connection is lost meanwhile, that is once the source is live again.
   *
   * @throws PgCacheWatchError `STATE` if the source is not started, or is closed before that
   */
  caughtUp(options?: CaughtUpOptions): Promise<void>;

  /**
   * How far behind the source is: `null` where that cannot be told, from the notify source and while not live.
   *
   * @throws PgCacheWatchError if the connection is lost meanwhile
   */
  lag(): Promise<Lag | null>;

  /** Returns what takes the listener off again. A listener that throws disturbs nobody else. */
  on<E extends keyof SourceEvents>(event: E, listener: (value: SourceEvents[E]) => void): () => void;

  /** Returns what detaches the consumer again. */
  attach(consumer: ChangeConsumer): () => void;

  /**
   * Every change from now on, until `close()`. What a slow reader has not taken is kept up to a limit
   * and then collapsed to one change of the whole table (`key: null`) a table, as it is after a gap.
   */
  [Symbol.asyncIterator](): AsyncIterator<ChangeEvent, undefined>;
}
