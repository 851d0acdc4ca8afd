export { cache } from './cache/cache.js';
export { type CachedMany, cacheMany } from './cache/cache-many.js';
export type { CacheOptions, ContextCacheOptions, VerifyOptions } from './cache/cache-options.js';
export { cached, cacheOf } from './cache/cached.js';
export type { CachedFunction } from './cache/cached-function.js';
export type { CachedMethodOptions } from './cache/cached-method.js';
export type { CallOptions } from './cache/call-options.js';
export {
  type Dependency,
  type RowDependency,
  row,
  type TableDependency,
  table,
} from './cache/dependencies.js';
export { type DependenciesFor, dependenciesFor } from './cache/dependencies-for.js';
export type { Difference } from './cache/difference.js';
export type { Drop } from './cache/drop-log.js';
export type { ExplainedDependency, Explanation } from './cache/explain.js';
export type {
  CacheChannels,
  CacheMessage,
  DropCause,
  DropMessage,
  GapMessage,
  KeyMessage,
  LoadMessage,
} from './cache/hooks.js';
export type { LoadContext, ManyContext } from './cache/load-context.js';
export { type SourceStatistics, statisticsOf } from './cache/source-statistics.js';
export type { CacheStatistics, Invalidations } from './cache/statistics.js';
export { uncached } from './cache/uncached.js';
export type { VerifyReport } from './cache/verify-report.js';
export type { ChangeEvent, Operation, Origin, TransactionInfo, Values } from './changes/change-event.js';
export type { ChangeTransaction } from './changes/change-transaction.js';
export type { Gap, GapReason } from './changes/gap.js';
export type { LogicalMessage } from './changes/logical-message.js';
export { formatLsn, type Lsn, parseLsn } from './changes/lsn.js';
export type { Clock } from './clock.js';
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
  StartOptions,
} from './sources/change-source.js';
export type { ChangeStatistics, Waiting } from './sources/change-statistics.js';
export type { ConnectionOption } from './sources/connection.js';
export { createSource } from './sources/create-source.js';
export type { DurableSlot } from './sources/replication/replication-options.js';
export { DEFAULT_CHANNEL, type ReplicationChoice, type SourceOptions } from './sources/source-options.js';
export type { ExactType, WatchedColumn, WatchedTable, WatchedTables } from './sources/watched-tables.js';
export { anyOf } from './strategies/any-of.js';
export { type GreedyOptions, greedy } from './strategies/greedy.js';
export type { PredicateOption } from './strategies/predicate.js';
export type { ActiveStrategy, Collection, Strategy, StrategyContext } from './strategies/strategy.js';
export { type TimedOptions, timed } from './strategies/timed.js';
export {
  type SequenceOptions,
  type SizeOptions,
  type WindowedOptions,
  windowed,
} from './strategies/windowed.js';
