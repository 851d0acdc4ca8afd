/** The stable codes of {@link PgCacheWatchError}: switch on these, never on a message. */
export type ErrorCode =
  /** An option or an argument that cannot be meant. */
  | 'BAD_OPTION'
  /** Arguments that no injective key can be made of. */
  | 'BAD_KEY'
  /** A table name that SQL could not read. */
  | 'BAD_TABLE_NAME'
  /** A table, or one of several, that the database does not have. */
  | 'NO_SUCH_TABLE'
  /** A schema that the database does not have. */
  | 'NO_SUCH_SCHEMA'
  /** A table that cannot be watched at all (a view, a foreign table, …). */
  | 'UNWATCHABLE'
  /** A table that exists and that this source does not watch. */
  | 'NOT_WATCHED'
  /** The server refused the connection, or ended it. */
  | 'CONNECTION'
  /** The server accepted the connection and refused what was asked on it. */
  | 'SERVER'
  /** Somebody else holds a lock for longer than it was to be waited for. */
  | 'LOCKED'
  /** The connection does not deliver notifications, as behind a transaction pooler. */
  | 'NOT_DELIVERED'
  /** Neither of the two ways of hearing of changes can work. */
  | 'NO_MODE'
  /** The publication to read from does not exist. */
  | 'NO_PUBLICATION'
  /** The server is a standby, where neither source can work. */
  | 'STANDBY'
  /** The server does not write to the WAL what logical decoding needs. */
  | 'WAL_LEVEL'
  /** A replication slot of that name is another reader's, or is being read. */
  | 'SLOT_FOREIGN'
  | 'SLOT_IN_USE'
  /** The publication is somebody else's, and not enough. */
  | 'PUBLICATION_FOREIGN'
  /** What our triggers run belongs to a role that could replace it, and is not to be trusted with that. */
  | 'UNTRUSTED_OWNER'
  /** A replication slot cannot be created as long as somebody else's transaction is open. */
  | 'SLOT_BLOCKED'
  /** The source was not live within the time that `start()` was given. */
  | 'TIMEOUT'
  /** Nothing was heard from the server for longer than the limit. */
  | 'SILENT'
  /** More arrived than the limits let us hold. */
  | 'OVERFLOW'
  /** A notification that nobody can read. */
  | 'UNREADABLE'
  /** The source is in the wrong state for what was asked of it. */
  | 'STATE'
  /** A cached function took longer than `loadTimeoutMs`. */
  | 'LOAD_TIMEOUT'
  /** What a function of many keys has given does not go with the keys. */
  | 'BAD_BATCH'
  /** A dependency that more changes concern than was meant: a warning. */
  | 'WIDENED'
  /** Something that the user handed in (a listener, a predicate, …) has thrown. */
  | 'CALLBACK'
  /** A mistake in this library, never reported as the server's or the connection's: please report it. */
  | 'INTERNAL'
  /** The embedded Postgres of the demo and the tests cannot be had or started. */
  | 'EMBEDDED_SERVER'
  /** Installing would let a user's own statement fail. */
  | 'WOULD_BREAK_WRITERS';

export interface ErrorDetails {
  /** What to run or change, as a sentence or as SQL. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
  /** The SQLSTATE behind it, where the server gave one. */
  readonly sqlState?: string | undefined;
}

/** Every error of this library: what happened to what, and what would mend it. */
export class PgCacheWatchError extends Error {
  override readonly name = 'PgCacheWatchError';
  readonly code: ErrorCode;
  readonly remedy: string | null;
  readonly sqlState: string | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.remedy = details.remedy ?? null;
    this.sqlState = details.sqlState ?? null;
  }
}

/** Makes an `Error` of whatever was thrown. */
export function asError(thrown: unknown): Error {
  // Users' code can throw anything, also what throws when it is looked at.
  try {
    if (!(thrown instanceof Error)) return new Error(String(thrown));
    return typeof thrown.message === 'string' ? thrown : new Error('An error without a message');
  } catch {
    return new Error('What was thrown cannot be looked at');
  }
}
