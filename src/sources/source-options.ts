import { type CustomTypesConfig, types } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { type Logger, silentLogger } from '../logger.js';
import type { SourceMode } from './change-source.js';
import { type ConnectionOption, checkConnection } from './connection.js';
import type { NotifyOptions } from './notify/notify-options.js';
import { OnceWatched } from './once-watched.js';
import type { DurableSlot, ReplicationOptions } from './replication/replication-options.js';
import { parseTableName } from './table-name.js';

export interface SourceOptions {
  /** Which of the ways of hearing of a change to use. Default: `auto`, which looks what the server can do. */
  readonly mode?: SourceMode | 'auto' | undefined;
  /**
   * A URL or pg's `ClientConfig`, of which that is used which says where the server is and who asks. Default:
   * `DATABASE_URL`, then `PGHOST`, `PGUSER` and the like.
   */
  readonly connection?: ConnectionOption;
  /** The tables to watch, as SQL reads their names. Default: every table that is installed. */
  readonly tables?: readonly string[] | undefined;
  /** With nothing heard for so long, the connection is given up and caches stop serving. Default: 10,000. */
  readonly silenceLimitMs?: number | undefined;
  /** More changes than this in one transaction become one of the whole table, for each table and operation. Default: 10,000. */
  readonly maxChangesPerTransaction?: number | undefined;
  /** What an iteration keeps for a slow reader before it collapses to whole tables. Default: 10,000. */
  readonly maxBufferedChanges?: number | undefined;
  /** Turns column texts into values. Default: pg's own type parsers. */
  readonly types?: CustomTypesConfig | undefined;
  readonly replication?: ReplicationChoice | undefined;
  /** `channel`: the one that the triggers were installed with. Default: `ch_pgcachewatch_table_change`. */
  readonly notify?: { readonly channel?: string | undefined } | undefined;
  /** pino's shape. Default: silent. */
  readonly logger?: Logger | undefined;
}

/** How the replication source reads the WAL. */
export interface ReplicationChoice {
  /** The publication to read. Default: `pgcachewatch`. */
  readonly publication?: string | undefined;
  /** A durable slot. Default: a temporary one, which goes with the connection. */
  readonly slot?: DurableSlot | undefined;
  /**
   * - `gated` (default): a transaction is told when a query can see it.
   * - `immediate`: as soon as its commit is in the WAL, up to some milliseconds before that. A value that is
   *   loaded again at once may then be the old one, and stays.
   */
  readonly visibility?: 'gated' | 'immediate' | undefined;
}

/** PGCacheWatch's own channel, so that services in Python and in TypeScript can share one installation. */
export const DEFAULT_CHANNEL = 'ch_pgcachewatch_table_change';

/** The same with the defaults filled in. */
export interface ResolvedOptions extends NotifyOptions, ReplicationOptions {
  readonly mode: SourceMode | 'auto';
  readonly maxBufferedChanges: number;
}

const MODES: ReadonlySet<unknown> = new Set<SourceOptions['mode']>(['replication', 'notify', 'auto']);

const KNOWN: ReadonlySet<string> = new Set<keyof SourceOptions>([
  'mode',
  'connection',
  'tables',
  'silenceLimitMs',
  'maxChangesPerTransaction',
  'maxBufferedChanges',
  'types',
  'replication',
  'notify',
  'logger',
]);

/** @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME` */
export function resolveOptions(options: SourceOptions): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw bad(`createSource has no option ${JSON.stringify(name)}`);
  }
  const { mode = 'auto', tables, notify = {}, replication = {}, logger = silentLogger } = options;
  if (!MODES.has(mode)) {
    throw bad(`mode is ${JSON.stringify(mode)}; it can be 'replication', 'notify' or 'auto'`);
  }
  const { publication = 'pgcachewatch', slot, visibility = 'gated' } = replication;
  if (publication === '' || Buffer.byteLength(publication) > 63) {
    throw bad('replication.publication must have 1 to 63 bytes');
  }
  if (slot !== undefined && !/^[a-z0-9_]{1,63}$/.test(slot.name)) {
    throw bad('replication.slot.name must be 1 to 63 lower-case letters, digits and underscores');
  }
  if (visibility !== 'gated' && visibility !== 'immediate') {
    throw bad("replication.visibility can be 'gated' or 'immediate'");
  }
  const { channel = DEFAULT_CHANNEL } = notify;
  if (channel === '' || Buffer.byteLength(channel) > 63) throw bad('notify.channel must have 1 to 63 bytes');
  if (tables !== undefined && tables.length === 0) {
    throw bad('tables is an empty list', 'Leave it out to watch every table that is installed.');
  }
  for (const table of tables ?? []) parseTableName(table);
  checkConnection(options.connection);
  return {
    mode,
    connection: options.connection,
    channel,
    publication,
    slot,
    visibility,
    tables,
    silenceLimitMs: positive('silenceLimitMs', options.silenceLimitMs ?? 10_000),
    maxChangesPerTransaction: positive(
      'maxChangesPerTransaction',
      options.maxChangesPerTransaction ?? 10_000,
    ),
    maxBufferedChanges: positive('maxBufferedChanges', options.maxBufferedChanges ?? 10_000),
    types: options.types ?? types,
    onceWatched: new OnceWatched(),
    logger,
  };
}

function positive(name: string, value: number): number {
  // A longer delay than 2^31 ms would make Node's timers fire at once.
  if (Number.isFinite(value) && value >= 1 && value < 2 ** 31) return value;
  throw bad(`${name} is ${String(value)}; it must be a number from 1 to ${2 ** 31 - 1}`);
}

function bad(message: string, remedy?: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy });
}
