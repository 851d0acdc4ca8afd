import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { classifyError } from '../sources/classify-error.js';
import { connect } from '../sources/connection.js';

/** Runs something with a connection of its own, which is closed afterwards. */
export async function withClient<T>(
  url: string | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await open(url);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** @throws PgCacheWatchError that says what a person at a command line can do */
export async function open(url: string | undefined, signal?: AbortSignal): Promise<Client> {
  try {
    return await connect(url, 'pgcachewatch', signal);
  } catch (thrown) {
    throw notConnected(thrown);
  }
}

/** The error of a connection that could not be made. A source would go on trying; a command does not. */
export function notConnected(thrown: unknown): PgCacheWatchError {
  const { error, mayMend } = classifyError(thrown);
  if (!mayMend) return error;
  return new PgCacheWatchError('CONNECTION', error.message, {
    cause: thrown,
    sqlState: error.sqlState ?? undefined,
    remedy: 'Check that the server is up, and its address: --url, DATABASE_URL, or PGHOST and the like.',
  });
}
