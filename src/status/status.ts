/** The server, and what this role may see of it. */
export interface ServerStatus {
  readonly version: string;
  readonly database: string;
  readonly role: string;
  readonly standby: boolean;
  readonly wal_level: string;
  /** `max_slot_wal_keep_size`; `null`: no limit. */
  readonly slot_limit_bytes: number | null;
  readonly sees_all_processes: boolean;
}

/** The triggers of a table, or of those tables of its tree that have the same settings. */
export interface TriggersStatus {
  /** Of the root of the tree. Qualified, and quoted where SQL needs it. */
  readonly name: string;
  readonly tables: number;
  readonly level: string;
  readonly key: readonly string[];
  readonly channel: string;
  readonly max_rows: number;
  /** Whether they fire under `session_replication_role = replica`, too. */
  readonly always: boolean;
  /** Whether some were installed to fire always, and have become ordinary ones since. */
  readonly ordinary: boolean;
  /** Whether every kind of change is announced, and in one way. */
  readonly complete: boolean;
}

export interface PublicationStatus {
  readonly name: string;
  readonly ours: boolean;
  readonly all_tables: boolean;
  readonly operations: string;
  /** Qualified, and quoted where SQL needs it. */
  readonly tables: readonly string[];
}

export interface SlotStatus {
  readonly name: string;
  /** Whether its name or its reader's is one of ours. */
  readonly ours: boolean;
  readonly temporary: boolean;
  /** Of the process that reads it; `null`: nobody does. */
  readonly pid: number | null;
  readonly application: string | null;
  readonly role: string | null;
  readonly address: string | null;
  readonly confirmed_lsn: string | null;
  /** WAL that its reader has not confirmed. */
  readonly lag_bytes: number | null;
  /** WAL that the server keeps for it. */
  readonly held_bytes: number | null;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly wal_status: string | null;
  /** WAL that can still be written before the slot may be lost. */
  readonly safe_bytes: number | null;
  readonly invalidation_reason: string | null;
  readonly inactive_since: Date | null;
  /** Whether it is a standby's copy of a slot of the primary. */
  readonly synced: boolean;
}

/** A connection that a source has open. */
export interface ConnectionStatus {
  readonly pid: number;
  readonly application: string;
  readonly role: string | null;
  readonly address: string | null;
  readonly since: Date | null;
}

/** Which trigger function there is: none, that of this version of pgcachewatch, or another. */
export type TriggerFunction = 'missing' | 'current' | 'different';

/** What there is of pgcachewatch in a database. `null`: the role may not see it, and `unseen` says so. */
export interface Status {
  readonly at: Date;
  readonly server: ServerStatus;
  readonly triggerFunction: TriggerFunction | null;
  readonly triggers: readonly TriggersStatus[] | null;
  readonly publications: readonly PublicationStatus[] | null;
  readonly slots: readonly SlotStatus[] | null;
  readonly connections: readonly ConnectionStatus[] | null;
  /** How much of the server's notification queue is in use, from 0 to 1. */
  readonly notificationQueue: number | null;
  /** A sentence for everything that the role may not see. */
  readonly unseen: readonly string[];
}
