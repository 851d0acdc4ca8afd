import { PgCacheWatchError } from '../errors.js';

/** What one call may ask for. */
export interface CallOptions {
  /**
   * The caller gives up waiting: the call rejects with the signal's reason. A load for which nobody waits any
   * more is given up.
   */
  readonly signal?: AbortSignal | undefined;
  /** See `fresh()`. Default: false. */
  readonly fresh?: boolean | undefined;
}

const KNOWN: ReadonlySet<string> = new Set<keyof CallOptions>(['signal', 'fresh']);

/** @throws PgCacheWatchError `BAD_OPTION` */
export function checkCallOptions(options: CallOptions): CallOptions {
  const unknown = Object.keys(options).find((name) => !KNOWN.has(name));
  if (unknown === undefined) return options;
  throw new PgCacheWatchError('BAD_OPTION', `A call has no option ${JSON.stringify(unknown)}`, {
    remedy: 'Its options are signal and fresh.',
  });
}
