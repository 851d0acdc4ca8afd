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
  if (typeof options !== 'object' || options === null) throw bad('Options of a call must be an object');
  const unknown = Object.keys(options).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw bad(`A call has no option ${JSON.stringify(unknown)}`);
  const { signal, fresh = false } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw bad('signal is no AbortSignal');
  if (typeof fresh !== 'boolean') throw bad(`fresh is ${String(fresh)}; it must be true or false`);
  return options;
}

function bad(message: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy: 'The options are signal and fresh.' });
}
