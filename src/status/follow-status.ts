import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { asError } from '../errors.js';
import { disconnect } from '../sources/connection.js';
import { readStatus } from './read-status.js';
import type { Status } from './status.js';

export interface FollowOptions {
  readonly open: () => Promise<Client>;
  readonly everyMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * The status again and again, until the signal aborts. A server that is away for a while is an `Error` in
 * between.
 *
 * @throws PgCacheWatchError where the first cannot be read
 */
export async function* followStatus(options: FollowOptions): AsyncGenerator<Status | Error, void> {
  const { open, everyMs, signal } = options;
  let client: Client | null = null;
  let first = true;
  const abort = () => void (client && disconnect(client));
  signal.addEventListener('abort', abort);
  try {
    while (!signal.aborted) {
      try {
        client ??= await open();
        yield await readStatus(client);
      } catch (error) {
        if (signal.aborted) return;
        if (first) throw error;
        if (client) await disconnect(client);
        client = null;
        yield asError(error);
      }
      first = false;
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (client) await disconnect(client);
  }
}
