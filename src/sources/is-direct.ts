import type { Client } from 'pg';
import { processId } from './connection/process-id.js';

/**
 * Whether a connection goes to the server itself. That tells a new connection which process serves it
 * (BackendKeyData, PostgreSQL documentation, 54.7); a pooler tells a number of its own, for it may change
 * the process.
 *
 * @param backendPid what `pg_backend_pid()` gives on it
 */
export function isDirect(client: Client, backendPid: number): boolean {
  return processId(client) === backendPid;
}
