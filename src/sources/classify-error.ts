import { asError, type ErrorCode, PgCacheWatchError } from '../errors.js';
import { redact } from './connection.js';
import { WAITING_REMEDIES } from './waiting-remedies.js';

/** What an error of the connection or of the server means for going on. */
export interface Classified {
  readonly error: PgCacheWatchError;
  /** Whether waiting may mend it. */
  readonly mayMend: boolean;
  /** Whether to leave long pauses: some providers ban an address that keeps failing to log in. */
  readonly slow: boolean;
}

interface Rule {
  readonly code: ErrorCode;
  readonly remedy: string;
}

const credentials =
  'Check the user and the password (the connection option, DATABASE_URL, PGUSER, PGPASSWORD, .pgpass).';
const rights = 'Grant the role what the message asks for, or connect as another role.';

/** Errors that waiting does not mend, by SQLSTATE (PostgreSQL documentation, appendix A). */
const FINAL: Readonly<Record<string, Rule>> = {
  '28P01': { code: 'CONNECTION', remedy: credentials },
  '28000': {
    code: 'CONNECTION',
    remedy: `${credentials} pg_hba.conf on the server must admit this role and address.`,
  },
  '3D000': { code: 'CONNECTION', remedy: 'Create the database, or correct its name in the connection.' },
  '42501': { code: 'SERVER', remedy: rights },
  '0A000': {
    code: 'SERVER',
    remedy: 'Connect to a primary server: a standby can neither LISTEN nor NOTIFY.',
  },
  '25006': {
    code: 'SERVER',
    remedy: 'Connect to a primary server: a standby can neither LISTEN nor NOTIFY.',
  },
};

/** Of errors that may mend by their SQLSTATE, those that do not by what they say. */
const FINAL_WORDS: readonly { readonly pattern: RegExp; readonly rule: Rule }[] = [
  {
    // PgBouncer before 1.23 (its src/client.c); its code, 08P01, is that of any trouble that a pooler has.
    pattern: /unsupported startup parameter: replication/i,
    rule: {
      code: 'CONNECTION',
      remedy:
        "Connect to the server itself, or by way of PgBouncer 1.23 or later: an older one lets no replication through. Or use mode 'notify', with the pool in session mode.",
    },
  },
  {
    pattern: /unsupported startup parameter/i,
    rule: {
      code: 'CONNECTION',
      remedy:
        'Take the parameter out of the connection, or name it in ignore_startup_parameters of the pooler.',
    },
  },
];

/** Errors of the client's own, without a SQLSTATE, that waiting does not mend. */
const FINAL_LOCAL: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  { pattern: /password must be a (non-empty )?string|no password/i, remedy: credentials },
  {
    pattern: /does not support SSL/i,
    remedy: 'Turn SSL on at the server, or take sslmode out of the connection.',
  },
  {
    pattern: /certificate|self-signed/i,
    remedy:
      "Give the server's certificate authority in the connection's ssl option (ca), or sslrootcert in the URL.",
  },
  {
    pattern: /invalid url|invalid connection/i,
    remedy: 'A URL looks like postgres://user@host:5432/database.',
  },
];

/** Tells what failed, whether trying again may help, and what would. No password is in the result. */
export function classifyError(thrown: unknown): Classified {
  const cause = asError(thrown);
  if (cause instanceof PgCacheWatchError) {
    return { error: cause, mayMend: MENDABLE.has(cause.code), slow: false };
  }
  const sqlState = sqlStateOf(cause);
  const message = redact(describe(cause));
  if (sqlState !== undefined) {
    const rule = FINAL[sqlState] ?? FINAL_WORDS.find(({ pattern }) => pattern.test(message))?.rule;
    const remedy = rule?.remedy ?? WAITING_REMEDIES[sqlState] ?? 'It is tried again until it works.';
    const error = new PgCacheWatchError(rule?.code ?? 'CONNECTION', `The server refused: ${message}`, {
      remedy,
      sqlState,
    });
    return { error, mayMend: rule === undefined, slow: sqlState.startsWith('28') };
  }
  const rule = FINAL_LOCAL.find(({ pattern }) => pattern.test(message));
  if (rule === undefined && !isOfConnection(cause))
    return { error: internal(cause), mayMend: false, slow: false };
  const remedy =
    rule?.remedy ?? 'It is tried again until it works: check the address, and that the server is up.';
  const error = new PgCacheWatchError('CONNECTION', `No connection to the server: ${message}`, { remedy });
  return { error, mayMend: rule === undefined, slow: false };
}

/**
 * Whether an error without a SQLSTATE is known to be of the connection. Everything else, a TypeError above all, is a
 * mistake in the program: to report that as the network's would hide it, and waiting does not mend it.
 */
function isOfConnection(error: Error): boolean {
  if ('code' in error && typeof error.code === 'string' && CONNECTION_CODE.test(error.code)) return true;
  return CONNECTION_WORDS.test(error.message);
}

/** Of the operating system and the resolver (EPIPE, EAI_AGAIN), of TLS and of OpenSSL; not Node's ERR_INVALID_ARG_TYPE. */
const CONNECTION_CODE =
  /^((?!ERR_)E[A-Z0-9]+(_[A-Z]+)?|ERR_(SSL|TLS|SOCKET|STREAM)_\w+|(CERT|UNABLE|DEPTH|SELF_SIGNED|HOSTNAME)_\w+)$/;

/** What pg itself says of a connection (its lib/client.js, lib/connection.js, lib/crypto and pg-protocol). */
const CONNECTION_WORDS =
  /^(Connection terminated|timeout expired|Client (has encountered|was closed)|There was an error establishing|SASL|SCRAM|Received unexpected|received invalid response|Unknown (authenticationOk|error message) )/i;

/** A mistake in our own code, or in a library's. */
function internal(cause: Error): PgCacheWatchError {
  return new PgCacheWatchError(
    'INTERNAL',
    `An error in pgcachewatch itself: ${cause.name}: ${redact(describe(cause))}`,
    {
      cause,
      remedy: 'Please report it, with the stack of its cause (error.cause) and the version of the server.',
    },
  );
}

/** Of our own errors, those that come and go. */
const MENDABLE: ReadonlySet<ErrorCode> = new Set([
  'CONNECTION',
  'SILENT',
  'SLOT_IN_USE',
  'SLOT_BLOCKED',
  'UNREADABLE',
  'OVERFLOW',
]);

/** A five-character code on the error, where the server gave one; Node's own codes look different. */
function sqlStateOf(error: Error): string | undefined {
  if (!('code' in error) || typeof error.code !== 'string') return undefined;
  return 'severity' in error && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** Connecting to a name with several addresses fails with an AggregateError, whose own message is empty. */
function describe(error: Error): string {
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError) return error.errors.map((e) => asError(e).message).join('; ');
  return error.name;
}
