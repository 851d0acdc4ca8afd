import type { Client } from 'pg';
import { PgCacheWatchError } from '../../errors.js';
import { sql } from '../../sql.js';

/** A transaction that has written and is open; what the role may not see of its session is null. */
export interface InTheWay {
  /** `null`: it is prepared. */
  readonly pid: number | null;
  readonly application_name: string | null;
  readonly user: string | null;
  readonly database: string | null;
  readonly state: string | null;
  readonly since: string | null;
  readonly age_seconds: number | null;
  readonly prepared: string | null;
}

/** What waiting for other people's transactions ends with: `lock_not_available`. */
const LOCK_NOT_AVAILABLE = '55P03';

/** Whether a slot could not be created because a transaction is open that has written. */
export function isBlocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
}

/** The oldest one that a slot's creation would wait for. */
export async function readInTheWay(client: Client): Promise<InTheWay | null> {
  const { rows } = await client.query<InTheWay>(sql('replication/in-the-way.sql'));
  return rows[0] ?? null;
}

/** Names the transaction in the way. */
export async function slotBlocked(client: Client, waitedMs: number): Promise<PgCacheWatchError> {
  const found = await readInTheWay(client);
  const who = found ? describeInTheWay(found) : 'a transaction that has ended meanwhile';
  return blocked(`A replication slot could not be created within ${waitedMs} ms: it waits for ${who}`);
}

/** The same, before the wait is over. */
export function slotWaits(found: InTheWay): PgCacheWatchError {
  return blocked(`The creation of a replication slot waits for ${describeInTheWay(found)}`);
}

function blocked(message: string): PgCacheWatchError {
  return new PgCacheWatchError('SLOT_BLOCKED', message, {
    sqlState: LOCK_NOT_AVAILABLE,
    remedy: 'It is tried again until every transaction that has written has ended: end that one.',
  });
}

export function describeInTheWay({
  pid,
  application_name,
  user,
  database,
  state,
  since,
  prepared,
}: InTheWay): string {
  if (pid === null) return `the prepared transaction ${JSON.stringify(prepared ?? 'unknown')}`;
  const application = application_name ? `, application ${JSON.stringify(application_name)}` : '';
  const session = user ? `, user ${user}, database ${database}${state ? `, ${state}` : ''}` : '';
  return `the transaction of process ${pid}${application}${session}${since ? `, open since ${since}` : ''}`;
}
