import { Client, type ClientConfig } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { promptSocket } from './prompt-socket.js';

/** A URL, or what `pg` takes. Unset: `DATABASE_URL`, then `PGHOST`, `PGUSER` and the like. */
export type ConnectionOption = string | ClientConfig | undefined;

const CONNECT_TIMEOUT_MS = 10_000;
const POLITE_END_MS = 500;

/**
 * The configuration of one dedicated connection.
 *
 * `query_timeout` is dropped: it belongs to a pool's short queries, and would kill a connection that is
 * meant to wait. TCP keepalives are on, and connecting is bounded in time.
 *
 * @throws PgCacheWatchError `BAD_OPTION` for an empty URL, or a password function that pg would not ask
 */
export function clientConfig(connection: ConnectionOption, applicationName: string): ClientConfig {
  const given = connection ?? process.env.DATABASE_URL ?? {};
  const config: ClientConfig = typeof given === 'string' ? { connectionString: given } : { ...given };
  if (typeof given === 'string' && given.trim() === '') {
    throw new PgCacheWatchError('BAD_OPTION', 'The connection is an empty string', {
      remedy: 'Pass a URL such as postgres://user@host/database, or leave it out to use PGHOST and the like.',
    });
  }
  if (config.connectionString !== undefined && typeof config.password === 'function') {
    throw new PgCacheWatchError(
      'BAD_OPTION',
      'The connection has a password function beside a connectionString, and pg takes the password from that',
      { remedy: 'Pass host, port, user and database instead of the connectionString.' },
    );
  }
  delete config.query_timeout;
  return {
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: applicationName,
    stream: promptSocket,
    ...config,
  };
}

/**
 * Opens a connection of its own; the caller ends it. An `error` event on it is never unhandled.
 *
 * @param signal aborts the attempt, which then rejects
 */
export async function connect(
  connection: ConnectionOption,
  applicationName: string,
  signal?: AbortSignal,
): Promise<Client> {
  signal?.throwIfAborted();
  const client = new Client(clientConfig(connection, applicationName));
  client.on('error', () => {});
  const abort = () => client.connection.stream.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    return client;
  } catch (error) {
    void client.end().catch(() => {});
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Ends a connection. A peer that is gone never answers to a polite end, so that one is not waited for. */
export async function disconnect(client: Client): Promise<void> {
  const impatience = setTimeout(() => client.connection.stream.destroy(), POLITE_END_MS);
  await client.end().catch(() => {});
  clearTimeout(impatience);
}

/** A text without the passwords of the connection strings in it. */
export function redact(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):\S*@/gi, '$1:***@')
    .replace(/(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)/gi, '$1***');
}
