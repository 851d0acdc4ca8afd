import type { Client } from 'pg';
import { sql } from '../sql.js';
import type { PlatformTraces } from './platform.js';

/** A setting of the server. */
export interface Setting {
  /** As `SHOW` says it. */
  readonly value: string;
  /** `pg_settings.source`: where the value comes from. */
  readonly source: string;
  /** Whether only a restart changes it. */
  readonly restart: boolean;
}

export interface ServerFacts {
  readonly version_name: string;
  /** `server_version_num` */
  readonly version: number;
  readonly standby: boolean;
  /** Quoted where SQL needs it. */
  readonly role: string;
  readonly superuser: boolean;
  /** Quoted where SQL needs it. */
  readonly database: string;
  /** Whether the role may create schemas and publications in the database. */
  readonly may_create: boolean;
  readonly backend_pid: number;
  /** Those that matter here, as far as this version of the server has them. */
  readonly settings: Readonly<Record<string, Setting>>;
  readonly traces: PlatformTraces;
}

export async function readServerFacts(client: Client): Promise<ServerFacts> {
  const { rows } = await client.query<ServerFacts>(sql('doctor/server.sql'));
  const [facts] = rows;
  if (facts === undefined) throw new TypeError('doctor/server.sql gives exactly one row');
  return facts;
}
