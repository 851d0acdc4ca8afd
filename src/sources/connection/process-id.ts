import type { Client } from 'pg';

/**
 * The server's process behind a connection, as the greeting told it (BackendKeyData, PostgreSQL documentation, 54.7);
 * `undefined` before that. pg knows it, its types do not.
 */
export function processId(client: Client): number | undefined {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : undefined;
}
