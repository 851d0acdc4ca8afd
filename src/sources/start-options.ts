import { PgCacheWatchError } from '../errors.js';
import type { StartOptions } from './change-source.js';

const KNOWN: ReadonlySet<string> = new Set<keyof StartOptions>(['timeoutMs', 'signal', 'wait']);

/** @throws PgCacheWatchError `BAD_OPTION` */
export function checkStartOptions(options: StartOptions): void {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw bad(`start() has no option ${JSON.stringify(name)}`);
  }
  const { timeoutMs, signal, wait } = options;
  // A longer delay than 2^31 ms would make Node's timers fire at once.
  if (timeoutMs !== undefined && !(timeoutMs >= 1 && timeoutMs < 2 ** 31)) {
    throw bad(`timeoutMs is ${String(timeoutMs)}; it must be a number from 1 to ${2 ** 31 - 1}`);
  }
  if (wait === false && (timeoutMs !== undefined || signal !== undefined)) {
    throw bad('start({ wait: false }) waits for nothing, so timeoutMs and signal would have no effect', {
      remedy: 'Leave them out; close() ends the attempt.',
    });
  }
}

function bad(message: string, details?: { readonly remedy: string }): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, details);
}
