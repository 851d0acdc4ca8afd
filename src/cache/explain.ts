import { asError } from '../errors.js';
import type { WatchedTable, WatchedTables } from '../sources/watched-tables.js';
import type { CachedEntries } from './cached-entries.js';
import { placesOf } from './dependency-index.js';
import type { Drop } from './drop-log.js';
import type { Bucket } from './groups.js';
import type { CacheKey } from './keys.js';
import type { ResolvedCacheOptions } from './resolve-cache-options.js';
import type { RowKey } from './resolve-dependencies.js';
import { textsOf } from './touched-rows.js';
import { LOST, type ResolvedList } from './watched-dependencies.js';

/** What a value depends on, as it was understood. */
export interface ExplainedDependency {
  /** With its schema, as in the catalog, unquoted. */
  readonly table: string;
  /** The texts of the columns that rows are matched by, of those that were given; `null`: the whole table. */
  readonly row: Readonly<Record<string, string | null>> | null;
  /** Those of the columns whose values not every change tells: one that does not may be of any row. */
  readonly untold: readonly string[];
}

/** Why a value is cached, or is not. */
export interface Explanation {
  /** What it is stored under. */
  readonly key: string | number;
  /** `unusable`: a call goes past the cache for now. */
  readonly status: 'cached' | 'loading' | 'absent' | 'unusable';
  /** The status, in words. */
  readonly reason: string;
  /** How old the value may be, counted from before its load; `null`: there is none. */
  readonly ageMs: number | null;
  /** What it depends on, or would; `null`: every watched table, or it cannot be told before a load. */
  readonly dependencies: readonly ExplainedDependency[] | null;
  /** What would drop it, in words. */
  readonly dropsWhen: readonly string[];
  /** Whether a change has concerned it that the strategy has yet to act on. */
  readonly isToBeDropped: boolean;
  /** What dropped the last one of this key, if that is remembered. */
  readonly lastDrop: Drop | null;
}

interface Explained<A extends unknown[], R> {
  readonly key: CacheKey;
  /** Why calls go past the cache; `null`: they do not. */
  readonly obstacle: string | null;
  /** Whether a value that is there is served in spite of that. */
  readonly servesStale: boolean;
  /** The dependencies of such a call. May throw. */
  readonly resolve: () => ResolvedList;
  readonly entries: CachedEntries<A, R>;
  readonly options: ResolvedCacheOptions<A, R>;
  /** Whether the load itself tells what it depends on, and nobody before. */
  readonly isToldByLoad: boolean;
}

export function explain<A extends unknown[], R>(what: Explained<A, R>): Explanation {
  const { key, entries, options } = what;
  const { watched } = options.source;
  const there = entries.store.peek(key);
  const entry = there && !entries.isExpired(there) ? there : undefined;
  const isStale = entry !== undefined && what.servesStale;
  let obstacle = isStale ? null : what.obstacle;
  const ageMs = entry ? options.clock.now() - entry.startedAt : null;
  const lastDrop = entries.log.last(key);
  let dependencies = entry && placesOf(entry).map((each) => place(each, watched));
  let mistake: string | null = null;
  try {
    dependencies ??= what.resolve()?.map(({ table, row }) => explained(table, row, watched)) ?? [null];
  } catch (error) {
    if (error === LOST) obstacle ??= lostReason(watched);
    mistake = error === LOST ? obstacle : asError(error).message;
  }
  const known = dependencies?.filter((each) => each !== null) ?? [];
  const isUntold = what.isToldByLoad && (entry === undefined || entry.load !== null);
  const isEverything = dependencies === undefined || known.length < dependencies.length;
  const isUnknown = isUntold || mistake !== null;
  return {
    key,
    status: obstacle ? 'unusable' : entry ? (entry.load === null ? 'cached' : 'loading') : 'absent',
    reason: obstacle ?? (entry ? presence(entry.load === null, isStale) : (mistake ?? absence(lastDrop))),
    ageMs,
    dependencies: isEverything || isUnknown ? null : known,
    dropsWhen: [
      ...(isUntold ? ['a change of what its load tells'] : []),
      ...(isEverything && !isUnknown ? ['any change of a watched table'] : known.map(condition)),
      ...(options.ttlMs === undefined ? [] : [`it is ${options.ttlMs} ms old`]),
      'changes may have been missed (a gap)',
      `room is needed, for more than ${options.max} entries${options.maxBytes ? ` or ${options.maxBytes} bytes` : ''}, and it was not used lately`,
    ],
    isToBeDropped: entry !== undefined && entries.isConcerned(entry),
    lastDrop,
  };
}

function lostReason({ unsettled }: WatchedTables): string {
  if (unsettled.size === 0) return 'A table that it depends on is not watched any more.';
  const names = [...unsettled].map(({ schema, table }) => `${schema}.${table}`).join(', ');
  return `A table that it depends on is not watched, or transactions that wrote to it before it was are open (${names}).`;
}

function presence(isLoaded: boolean, isStale: boolean): string {
  const there = isLoaded ? 'It is in the cache.' : 'It is being loaded; callers wait for that.';
  return isStale ? `${there} The source is interrupted, and serveStaleForMs is not over.` : there;
}

function absence(lastDrop: Drop | null): string {
  if (lastDrop === null) return 'It was not asked for, or its load failed, or that is too long ago.';
  const { cause, change, at } = lastDrop;
  const by = change ? `${change.operation} of ${change.schema}.${change.table}` : cause;
  return `It was dropped at ${at.toISOString()}: ${by}.`;
}

/** `null`: every watched table. */
function place<E>({ table, rows, text }: Bucket<E>, watched: WatchedTables): ExplainedDependency | null {
  if (table === null) return null;
  return explained(
    table,
    rows && { columns: rows.columns, texts: textsOf(text, rows.columns.length) },
    watched,
  );
}

function explained(
  { schema, table }: Pick<WatchedTable, 'schema' | 'table'>,
  row: RowKey | null,
  watched: WatchedTables,
): ExplainedDependency {
  const told = watched.get(schema, table)?.matchable.map(({ name }) => name) ?? [];
  const texts = row?.columns.map((column, i): [string, string | null] => [column, row.texts[i] ?? null]);
  return {
    table: `${schema}.${table}`,
    row: texts === undefined ? null : Object.fromEntries(texts),
    untold: row?.columns.filter((column) => !told.includes(column)) ?? [],
  };
}

function condition({ table, row, untold }: ExplainedDependency): string {
  if (row === null) return `any change of ${table}`;
  const values = Object.entries(row)
    .map(([column, text]) => `${column} = ${text ?? 'NULL'}`)
    .join(', ');
  if (untold.length === 0) return `a change of a row of ${table} with ${values}, before or after`;
  return `any update or delete of ${table}, an insert with ${values}, or one that does not tell ${untold.join(', ')}`;
}
