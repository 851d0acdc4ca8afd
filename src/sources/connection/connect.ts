import { Client, type ClientConfig } from 'pg';
import { within } from '../replication/within.js';
import { type ConnectionOption, clientConfig } from './client-config.js';
import { takeOver } from './own-client.js';
import { beginSession } from './session.js';

const ANSWER_MS = 10_000;
const POLITE_END_MS = 500;

/**
 * Opens a connection of its own, with a session that is ours; the caller ends it. An `error` event on it is never
 * unhandled.
 *
 * @param signal aborts the attempt, which then rejects
 */
export function connect(
  connection: ConnectionOption,
  applicationName: string,
  signal?: AbortSignal,
): Promise<Client> {
  return open(clientConfig(connection, applicationName), false, signal);
}

/** The same for a connection that takes replication commands. */
export function connectForReplication(
  connection: ConnectionOption,
  applicationName: string,
  signal?: AbortSignal,
): Promise<Client> {
  return open(clientConfig(connection, applicationName), true, signal);
}

async function open(config: ClientConfig, replication: boolean, signal?: AbortSignal): Promise<Client> {
  signal?.throwIfAborted();
  const client = takeOver(new Client(config), { replication });
  client.on('error', () => {});
  const abort = () => client.connection.stream.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    // A server can accept a connection and never answer on it.
    await within(ANSWER_MS, 'the settings of a session', beginSession(client, { replication }));
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
