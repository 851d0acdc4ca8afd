import type { Client } from 'pg';
import { sql } from '../sql.js';

/** How logical replication finds the row of a table that an UPDATE or DELETE changes. */
export interface ReplicaIdentity {
  readonly oid: number;
  readonly unlogged: boolean;
  /** `pg_class.relreplident`: default, nothing, full, or by index. */
  readonly identity: 'd' | 'n' | 'f' | 'i';
  /** The columns it consists of; none: there is no usable one. */
  readonly columns: readonly string[];
  /** Whether there is a primary key that serves as one. */
  readonly has_primary_key: boolean;
  /** Whether there is one at all. */
  readonly has_any_primary_key: boolean;
  /** The key that rows are told by. */
  readonly key: readonly string[];
  /** Its generated columns that are stored. */
  readonly stored_generated: readonly string[];
  readonly has_virtual_generated: boolean;
  /** An index that could be the identity, quoted where SQL needs it. */
  readonly candidate: string | null;
}

export type ReplicaIdentities = ReadonlyMap<number, ReplicaIdentity>;

export async function readReplicaIdentities(
  client: Client,
  oids: readonly number[],
): Promise<ReplicaIdentities> {
  const { rows } = await client.query<ReplicaIdentity>(sql('install/replica-identities.sql'), [oids]);
  return new Map(rows.map((row) => [row.oid, row]));
}

/** As it is after REPLICA IDENTITY FULL. */
export function madeFull(identity: ReplicaIdentity): ReplicaIdentity {
  return { ...identity, identity: 'f' };
}

/** Whether the server would refuse UPDATE and DELETE on the table once it is published. */
export function breaksWriters({ identity, columns, has_virtual_generated }: ReplicaIdentity): boolean {
  // All the columns, and a virtual one cannot be published (PostgreSQL 18).
  if (identity === 'f') return has_virtual_generated;
  return columns.length === 0;
}

/** Whether the identity has columns that are published only where stored generated columns are. */
export function needsGenerated({ identity, columns, stored_generated }: ReplicaIdentity): boolean {
  return stored_generated.some((column) => identity === 'f' || columns.includes(column));
}
