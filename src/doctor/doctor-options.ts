import { type ResolvedOptions, resolveOptions, type SourceOptions } from '../sources/source-options.js';

/** What is asked: would a source with these options work here? */
export type DoctorOptions = Pick<SourceOptions, 'mode' | 'connection' | 'tables'> & {
  /** Default: `pgcachewatch`. */
  readonly publication?: string | undefined;
  /** A durable slot's name. Default: a temporary one. */
  readonly slot?: string | undefined;
  /** Default: `ch_pgcachewatch_table_change`. */
  readonly channel?: string | undefined;
};

/** As the source would read them. @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME` */
export function sourceOptions({ publication, slot, channel, ...options }: DoctorOptions): ResolvedOptions {
  return resolveOptions({
    ...options,
    replication: { publication, slot: slot === undefined ? undefined : { name: slot } },
    notify: { channel },
  });
}
