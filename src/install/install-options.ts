import { PgCacheWatchError } from '../errors.js';
import type { PublishedColumns } from './publication-entries.js';
import type { PublicationSettings } from './publication-settings.js';
import type { TableSelection } from './table-selection.js';
import type { PayloadLevel, TriggerSettings } from './triggers.js';

/** By triggers, by a publication, or by both. */
export type InstallMode = 'notify' | 'replication' | 'both';

/** The tables to watch, and how. */
export interface InstallOptions extends TableSelection {
  readonly mode: InstallMode;
  /** Triggers: how much a notification tells. Default: `key`. */
  readonly level?: PayloadLevel | undefined;
  /** Triggers: whether to fire under `session_replication_role = replica`, too. Default: no. */
  readonly always?: boolean | undefined;
  /** Triggers. Default: PGCacheWatch's, so that services in Python and in TypeScript share the notifications. */
  readonly channel?: string | undefined;
  /** Triggers: a statement that changes more rows is announced as a change of the whole table. Default: 1000. */
  readonly maxRows?: number | undefined;
  /** Installs triggers though the server allows two-phase commit, which NOTIFY makes fail. Default: no. */
  readonly allowPreparedTransactions?: boolean | undefined;
  /** The publication's name. Default: `pgcachewatch`. */
  readonly publication?: string | undefined;
  /** Which columns are published. Default: `all`; `key` needs PostgreSQL 15. */
  readonly columns?: PublishedColumns | undefined;
  /**
   * `full`: tables that could be published only so get REPLICA IDENTITY FULL, which writes more WAL.
   * `always-full`: all of them do, so that caches can depend on rows by any column. Default: none does, and
   * those that need it are refused.
   */
  readonly replicaIdentity?: ReplicaIdentityChoice | undefined;
  /** How long locks are waited for, all of them together. Default: 2000. */
  readonly lockTimeoutMs?: number | undefined;
}

/** Which tables get REPLICA IDENTITY FULL. */
export type ReplicaIdentityChoice = 'full' | 'always-full';

const FULL = { 'as-it-is': 'none', full: 'needed', 'always-full': 'all' } as const;

/** What is to be installed: `null` for what is not. */
export interface InstallSettings {
  readonly triggers: TriggerSettings | null;
  readonly publication: PublicationSettings | null;
  readonly allowPreparedTransactions: boolean;
  readonly lockTimeoutMs: number;
}

export const installModes: readonly InstallMode[] = ['notify', 'replication', 'both'];
export const payloadLevels: readonly PayloadLevel[] = ['table', 'key', 'row'];
export const publishedColumns: readonly PublishedColumns[] = ['all', 'key'];
export const replicaIdentities: readonly ReplicaIdentityChoice[] = ['full', 'always-full'];
export const defaultChannel = 'ch_pgcachewatch_table_change';
export const defaultMaxRows = 1000;
export const defaultPublication = 'pgcachewatch';
export const defaultLockTimeoutMs = 2000;

const MOST_ROWS = 100_000;
const NAME_BYTES = 63;
const LONGEST_LOCK_TIMEOUT_MS = 3_600_000;

/** @throws PgCacheWatchError `BAD_OPTION` */
export function checkInstallOptions(options: InstallOptions): InstallSettings {
  const { tables = [], allInSchemas = [], mode } = options;
  if (tables.length === 0 && allInSchemas.length === 0) {
    throw bad('No table is given', 'Name the tables whose changes are to be announced, or a schema of them.');
  }
  requireOneOf('mode', mode, installModes);
  const { publication, columns, replicaIdentity } = options;
  const { level, always, channel, maxRows, allowPreparedTransactions } = options;
  if (mode === 'notify') forbid({ publication, columns, replicaIdentity }, mode);
  if (mode === 'replication') forbid({ level, always, channel, maxRows, allowPreparedTransactions }, mode);
  return {
    triggers: mode === 'replication' ? null : checkTriggers(options),
    publication: mode === 'notify' ? null : checkPublication(options),
    allowPreparedTransactions: allowPreparedTransactions ?? false,
    lockTimeoutMs: checkLockTimeout(options.lockTimeoutMs),
  };
}

function checkTriggers(options: InstallOptions): TriggerSettings {
  const { level = 'key', always = false, channel = defaultChannel, maxRows = defaultMaxRows } = options;
  requireOneOf('level', level, payloadLevels);
  requireName(channel, `The channel ${JSON.stringify(channel)} cannot be notified`);
  if (!Number.isInteger(maxRows) || maxRows < 1 || maxRows > MOST_ROWS) {
    throw bad(`maxRows is ${maxRows}`, `Give a whole number from 1 to ${MOST_ROWS}.`);
  }
  return { level, always, channel, maxRows };
}

function checkPublication(options: InstallOptions): PublicationSettings {
  const { publication = defaultPublication, columns = 'all', replicaIdentity } = options;
  requireName(publication, `${JSON.stringify(publication)} cannot be the name of a publication`);
  requireOneOf('columns', columns, publishedColumns);
  if (replicaIdentity !== undefined) requireOneOf('replicaIdentity', replicaIdentity, replicaIdentities);
  return { publication, columns, full: FULL[replicaIdentity ?? 'as-it-is'] };
}

/** @throws PgCacheWatchError `BAD_OPTION`; 0 is none, for to the server that is to wait for ever */
export function checkLockTimeout(lockTimeoutMs = defaultLockTimeoutMs): number {
  if (Number.isInteger(lockTimeoutMs) && lockTimeoutMs >= 1 && lockTimeoutMs <= LONGEST_LOCK_TIMEOUT_MS) {
    return lockTimeoutMs;
  }
  const remedy = `Give a whole number of milliseconds from 1 to ${LONGEST_LOCK_TIMEOUT_MS}, which is an hour.`;
  throw bad(`lockTimeoutMs is ${lockTimeoutMs}`, remedy);
}

/** @throws PgCacheWatchError `BAD_OPTION` for what the server would cut off or could not read */
export function requireName(name: string, message: string): void {
  const bytes = Buffer.byteLength(name, 'utf8');
  if (bytes > 0 && bytes <= NAME_BYTES && !name.includes('\0')) return;
  throw bad(message, `Such a name has 1 to ${NAME_BYTES} bytes.`);
}

/**
 * That no option is given that the mode has no use for: it was meant to have an effect.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function forbid(options: Readonly<Record<string, unknown>>, mode: 'notify' | 'replication'): void {
  const [given] = Object.keys(options).filter((name) => options[name] !== undefined);
  if (given === undefined) return;
  const other = mode === 'notify' ? 'replication' : 'notify';
  throw bad(`${given} means nothing in mode ${mode}`, `Leave it out, or take mode ${other} or both.`);
}

/** @throws PgCacheWatchError `BAD_OPTION` */
export function requireOneOf(option: string, given: string, possible: readonly string[]): void {
  if (possible.includes(given)) return;
  throw bad(`There is no ${option} ${JSON.stringify(given)}`, `It is one of ${possible.join(', ')}.`);
}

function bad(message: string, remedy: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy });
}
