import type { GapReason } from '../changes/gap.js';
import type { LogicalMessage } from '../changes/logical-message.js';
import type { PgCacheWatchError } from '../errors.js';
import type { CaughtUpOptions, Lag, SourceMode } from './change-source.js';
import type { Held, ToldTransaction } from './change-statistics.js';
import type { WatchedTables } from './watched-tables.js';

/** How a session stands to the one before it: nothing was missed in between, or why something may have been. */
export type Continuity = 'continued' | GapReason;

/** One connection's life, from ready to broken: all that a mode has to provide. */
export interface Session {
  readonly mode: SourceMode;
  readonly watched: WatchedTables;
  readonly continuity: Continuity;
  /** What is not as it should be though the session stands, such as a table that is not told of any more. */
  readonly problem: Error | null;
  readonly held: Held;
  /** Makes the server say something; `SessionHost.heard` tells of it. */
  probe(): void;
  /** Looks whether the tables are still watched; `SessionHost.rewatch` tells of a difference. */
  checkWatched(): Promise<void>;
  /** Resolves when what was committed before the call has been delivered; rejects when the session ends. */
  caughtUp(options: CaughtUpOptions): Promise<void>;
  /** How far behind it is, where that can be told. */
  lag?(): Promise<Lag | null>;
  /** Ends the connection. Never rejects. */
  close(): Promise<void>;
}

/** What a session tells the source that it belongs to. After its end, it may say what it likes. */
export interface SessionHost {
  /** The server has said something, whatever it was. */
  heard(): void;
  /** A transaction, whole, that every query from now on can see. */
  deliver(transaction: ToldTransaction): void;
  /** A logical message, in its place among the transactions. */
  message(message: LogicalMessage): void;
  /** Changes may have been missed though the connection stands. */
  missed(reason: GapReason, error: Error): void;
  /** The tables that are watched, or their columns, are no longer what they were. */
  rewatch(watched: WatchedTables, problem: Error | null): void;
  /** What the opening of the session waits for without an error so far; `null`: nothing that is known. */
  waiting(reason: PgCacheWatchError | null): void;
  /** The session is over. */
  failed(error: unknown): void;
  /** The session is well, and there is a better one to be had: open anew. */
  reopen(why: string): void;
}

/**
 * Opens a session that is ready: from its resolution on, every commit will be delivered.
 *
 * @param signal aborts the attempt, which then rejects
 */
export type OpenSession = (host: SessionHost, signal: AbortSignal) => Promise<Session>;
