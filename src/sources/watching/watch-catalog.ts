import type { Client } from 'pg';
import type { Reading } from '../read-watched-tables.js';
import { readOpenWriters, readStillOpen } from './open-writers.js';
import type { WatchCatalog } from './watch.js';

/**
 * The catalog as a session reads it.
 *
 * @param ask runs something on the session's connection, when that is free
 */
export function watchCatalog<R extends Reading>(
  ask: <T>(work: (client: Client) => Promise<T>) => Promise<T>,
  read: () => Promise<R>,
): WatchCatalog<R> {
  return {
    read: () => ask(read),
    openWriters: (oids) => ask((client) => readOpenWriters(client, oids)),
    stillOpen: (xids) => ask((client) => readStillOpen(client, xids)),
  };
}
