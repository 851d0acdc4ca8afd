import { PgCacheWatchError } from '../errors.js';
import type { PayloadLevel, TriggerSettings } from './triggers.js';

export interface InstallOptions {
  /** The tables to watch, as SQL reads their names. */
  readonly tables: readonly string[];
  readonly mode: 'notify';
  /** How much a notification tells. Default: `key`. */
  readonly level?: PayloadLevel | undefined;
  /** Whether to fire under `session_replication_role = replica`, too. Default: no. */
  readonly always?: boolean | undefined;
  /** Default: PGCacheWatch's, so that services in Python and in TypeScript share the notifications. */
  readonly channel?: string | undefined;
  /** A statement that changes more rows is announced as a change of the whole table. Default: 1000. */
  readonly maxRows?: number | undefined;
  /** Installs though the server allows two-phase commit, which NOTIFY makes fail. Default: no. */
  readonly allowPreparedTransactions?: boolean | undefined;
}

export const payloadLevels: readonly PayloadLevel[] = ['table', 'key', 'row'];
export const defaultChannel = 'ch_pgcachewatch_table_change';
export const defaultMaxRows = 1000;

const MOST_ROWS = 100_000;
const CHANNEL_BYTES = 63;

/** @throws PgCacheWatchError `BAD_OPTION` */
export function checkInstallOptions(options: InstallOptions): TriggerSettings {
  const { tables, mode, level = 'key', always = false } = options;
  const { channel = defaultChannel, maxRows = defaultMaxRows } = options;
  if (tables.length === 0) {
    throw bad('No table is given', 'Name the tables whose changes are to be announced.');
  }
  if (mode !== 'notify') throw bad(`There is no mode ${JSON.stringify(mode)}`, 'The mode is notify.');
  if (!payloadLevels.includes(level)) {
    throw bad(
      `There is no level ${JSON.stringify(level)}`,
      `The level is one of ${payloadLevels.join(', ')}.`,
    );
  }
  const bytes = Buffer.byteLength(channel, 'utf8');
  if (bytes === 0 || bytes > CHANNEL_BYTES || channel.includes('\0')) {
    throw bad(
      `The channel ${JSON.stringify(channel)} cannot be notified`,
      `The name of a channel has 1 to ${CHANNEL_BYTES} bytes.`,
    );
  }
  if (!Number.isInteger(maxRows) || maxRows < 1 || maxRows > MOST_ROWS) {
    throw bad(`maxRows is ${maxRows}`, `Give a whole number from 1 to ${MOST_ROWS}.`);
  }
  return { level, always, channel, maxRows };
}

function bad(message: string, remedy: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy });
}
