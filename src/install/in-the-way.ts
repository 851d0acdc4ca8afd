import { type Client, escapeLiteral } from 'pg';
import { sql } from '../sql.js';
import { conflicts, type TableLock } from './lock.js';

/** A session, or a prepared transaction, that holds a lock that ours has to wait for. */
export interface Holder {
  /** `null`: a prepared transaction. */
  readonly pid: number | null;
  readonly application: string | null;
  readonly role: string | null;
  /** `pg_stat_activity.backend_type`. */
  readonly kind: string | null;
  /** `pg_stat_activity.state`; `null` where this role may not know, as for what follows. */
  readonly state: string | null;
  readonly transaction_s: number | null;
  readonly query_s: number | null;
  /** The identifier of a prepared transaction. */
  readonly prepared: string | null;
  /** As `pg_locks` names it. */
  readonly mode: string;
}

/**
 * Who holds what a lock has to wait for, here and now; the oldest transaction first.
 *
 * @param lock `null`: the lock that lets one install at a time
 */
export async function readHolders(client: Client, lock: TableLock | null): Promise<Holder[]> {
  const values = lock === null ? [null, []] : [lock.table, conflicts[lock.mode]];
  const { rows } = await client.query<Holder>(sql('install/in-the-way.sql'), values);
  return rows;
}

/** Who it is and since when, never what it runs: that can hold anything. */
export function describeHolder(holder: Holder): string {
  const { pid, application, role, kind, state, transaction_s, query_s, prepared, mode } = holder;
  if (prepared !== null) return `the prepared transaction ${JSON.stringify(prepared)} with ${mode}`;
  const who = [
    application === null ? null : JSON.stringify(application),
    role === null ? null : `role ${role}`,
    kind === null || kind === 'client backend' ? null : kind,
  ].filter((part) => part !== null);
  const query = state === 'active' ? `, its query for ${duration(query_s)}` : '';
  const since = transaction_s === null ? '' : `, in a transaction for ${duration(transaction_s)}${query}`;
  const idle = state?.startsWith('idle') ? `, ${state}` : '';
  return `pid ${pid}${who.length > 0 ? ` (${who.join(', ')})` : ''} with ${mode}${idle}${since}`;
}

/** How to go on. */
export function remedyAgainst(holders: readonly Holder[]): string {
  const again = 'run this again, at a quieter time or with a longer --lock-timeout (lockTimeoutMs)';
  const [first] = holders;
  if (first === undefined) return `The session that held it has ended by now: ${again}.`;
  const { pid, prepared } = first;
  const end =
    prepared === null
      ? `SELECT pg_catalog.pg_terminate_backend(${pid});`
      : `ROLLBACK PREPARED ${escapeLiteral(prepared).trim()};`;
  return `Let it end, or end it: ${end} Then ${again}.`;
}

function duration(seconds: number | null): string {
  if (seconds === null) return 'an unknown time';
  if (seconds < 120) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
