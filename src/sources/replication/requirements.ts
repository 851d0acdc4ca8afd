import type { Client } from 'pg';
import { PgCacheWatchError } from '../../errors.js';
import { quoteForShell } from '../../shell.js';
import { sql } from '../../sql.js';
import type { Complaints } from '../watching/watch.js';
import type { ReplicationOptions } from './replication-options.js';

/** What the server is set to, as far as it concerns replication. */
export interface System {
  readonly standby: boolean;
  /** The process that answered, and when it began. */
  readonly pid: string;
  readonly started: string;
  readonly version: number;
  readonly wal_level: string;
  readonly wal_sender_timeout_ms: number;
  readonly published: boolean;
}

/** @throws PgCacheWatchError `STANDBY`, `WAL_LEVEL`, `NO_PUBLICATION` */
export async function readSystem(client: Client, publication: string): Promise<System> {
  const { rows } = await client.query<System>(sql('replication/system.sql', { publication }));
  const [system] = rows;
  if (system === undefined) throw new PgCacheWatchError('SERVER', 'The server did not tell its settings');
  if (system.standby) {
    // Its walsenders could decode (PostgreSQL 16), but nobody can send a mark there: a standby writes no WAL.
    throw new PgCacheWatchError('STANDBY', 'The server is a standby, which replays the WAL of another one', {
      remedy: 'Connect to the primary. After a failover it is tried again until this one has been promoted.',
    });
  }
  if (system.wal_level !== 'logical') {
    throw new PgCacheWatchError('WAL_LEVEL', `The server's wal_level is ${system.wal_level}, not logical`, {
      remedy: "Run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server. Or use mode 'notify'.",
    });
  }
  if (!system.published) {
    throw new PgCacheWatchError(
      'NO_PUBLICATION',
      `The database has no publication ${JSON.stringify(publication)}`,
      {
        remedy: 'Run: npx pgcachewatch install <tables…> --mode replication --commit',
      },
    );
  }
  return system;
}

/**
 * The visibility gate compares what one connection streams with what the other one sees.
 *
 * @param client the connection that is to stream
 * @throws PgCacheWatchError `CONNECTION` where it leads to another server than the one that `system` was told by
 */
export async function requireSameServer(client: Client, { pid, started }: System): Promise<void> {
  const { rows } = await client.query<{ same: boolean }>(
    sql('replication/same-server.sql', { pid, started }),
  );
  if (rows[0]?.same) return;
  throw new PgCacheWatchError('CONNECTION', 'The address leads to two servers, one for each connection', {
    remedy:
      'It is tried again, for a failover may be under way. If it recurs, connect to the primary itself: a balancer or a name with several addresses will not do.',
  });
}

export function replicationComplaints({ publication }: ReplicationOptions): Complaints {
  return {
    nothing: () =>
      new PgCacheWatchError('NOT_WATCHED', `The publication ${publication} holds no table in full`, {
        remedy: 'Run: npx pgcachewatch install <tables…> --mode replication --commit',
      }),
    missing: (tables) =>
      new PgCacheWatchError(
        'NOT_WATCHED',
        `The publication ${publication} does not tell all of ${tables.join(', ')}`,
        {
          remedy: `Run: npx pgcachewatch install ${tables.map(quoteForShell).join(' ')} --mode replication --commit`,
        },
      ),
  };
}
