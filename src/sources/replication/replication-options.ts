import type { CustomTypesConfig } from 'pg';
import type { Logger } from '../../logger.js';
import type { ConnectionOption } from '../connection.js';
import type { OnceWatched } from '../once-watched.js';

/** A slot that outlives the connection: nothing is missed while away, and WAL is kept meanwhile. */
export interface DurableSlot {
  /** Lower-case letters, digits and underscores. One process at a time can read it. */
  readonly name: string;
  /** Has the slot synchronised to standbys (PostgreSQL 17), so that it is there after a failover. */
  readonly failover?: boolean | undefined;
}

/** What a replication session needs to know, all defaults filled in. */
export interface ReplicationOptions {
  readonly connection: ConnectionOption;
  readonly publication: string;
  /** `undefined`: a temporary one, which goes with the connection. */
  readonly slot: DurableSlot | undefined;
  readonly visibility: 'gated' | 'immediate';
  readonly tables: readonly string[] | undefined;
  readonly types: CustomTypesConfig;
  /** What the sessions of the source have watched so far. */
  readonly onceWatched: OnceWatched;
  readonly silenceLimitMs: number;
  readonly maxChangesPerTransaction: number;
  readonly logger: Logger;
}
