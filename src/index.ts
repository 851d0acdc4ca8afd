export { type CachedFunction, cache } from './cache/cache.js';
export type { CacheOptions } from './cache/cache-options.js';
export {
  type Dependency,
  type RowDependency,
  row,
  type TableDependency,
  table,
} from './cache/dependencies.js';
export type { CacheStatistics, Invalidations } from './cache/statistics.js';
export type { ChangeEvent, Operation, Origin, TransactionInfo, Values } from './changes/change-event.js';
export type { ChangeTransaction } from './changes/change-transaction.js';
export type { Gap, GapReason } from './changes/gap.js';
export type { LogicalMessage } from './changes/logical-message.js';
export { formatLsn, type Lsn, parseLsn } from './changes/lsn.js';
export { type ErrorCode, PgCacheWatchError } from './errors.js';
export type { Logger } from './logger.js';
export type { Reason } from './sources/auto/reason.js';
export type {
  CaughtUpOptions,
  ChangeConsumer,
  ChangeSource,
  SourceEvents,
  SourceMode,
  SourceState,
} from './sources/change-source.js';
export type { ConnectionOption } from './sources/connection.js';
export { createSource } from './sources/create-source.js';
export type { DurableSlot } from './sources/replication/replication-options.js';
export { DEFAULT_CHANNEL, type ReplicationChoice, type SourceOptions } from './sources/source-options.js';
export type { ExactType, WatchedColumn, WatchedTable, WatchedTables } from './sources/watched-tables.js';
export { type GreedyOptions, greedy } from './strategies/greedy.js';
export type { ActiveStrategy, Strategy, StrategyContext } from './strategies/strategy.js';
