import { type Client, DatabaseError } from 'pg';
import { asError, type ErrorCode, PgCacheWatchError } from '../errors.js';
import { sql } from '../sql.js';
import { describeHolder, readHolders, remedyAgainst } from './in-the-way.js';
import { strongestLocks, type TableLock } from './lock.js';
import type { Plan } from './plan.js';
import { asStatement, inMilliseconds } from './script.js';
import { sqlStateOf } from './server-error.js';
import type { Step } from './step.js';
import { takeLocks } from './take-locks.js';
import { UNTRUSTED_OWNER_STATE } from './untrusted-owners.js';

// What the server says to an UPDATE or DELETE on a published table without a usable replica identity:
// object_not_in_prerequisite_state, and since PostgreSQL 15 invalid_column_reference.
const BREAKS_WRITERS = new Set(['55000', '42P10']);
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs a plan in one transaction: all of it or nothing. A plan without steps is not even begun. What cannot
 * be taken back is run after it, and only if it was committed.
 *
 * @param client connected, not within a transaction
 * @throws PgCacheWatchError `SERVER`, saying which step failed, with the server's error as its cause;
 *   `LOCKED` where somebody holds a lock for longer than it may be waited for, saying who;
 *   `WOULD_BREAK_WRITERS` where the server would refuse a table's UPDATE and DELETE; `UNTRUSTED_OWNER`
 */
export async function commitPlan(client: Client, plan: Plan): Promise<void> {
  const { steps, afterwards, lockTimeoutMs } = plan;
  if (steps.length > 0) {
    for (const step of inTransaction(steps, lockTimeoutMs)) {
      try {
        await client.query(step.statement);
      } catch (error) {
        // If even this fails, the connection is gone, and the transaction with it: the first error says more.
        await client.query('rollback').catch(() => {});
        throw sqlStateOf(error) === LOCK_NOT_AVAILABLE
          ? await locked(client, step, plan, error)
          : failed(step, error, 'Nothing was changed');
      }
    }
  }
  for (const step of afterwards) {
    await client.query(step.statement).catch((error: unknown) => {
      throw failed(step, error, 'What comes before it was done');
    });
  }
}

function inTransaction(steps: readonly Step[], lockTimeoutMs: number): Step[] {
  const step = (purpose: string, needs: string, statement: string): Step => {
    return { purpose, needs, statement, undo: null, lock: null };
  };
  const lock_timeout = inMilliseconds(lockTimeoutMs);
  return [
    step('begin', 'Connect to a primary server.', 'begin'),
    step('set the lock time-out', 'Run it again.', sql('install/lock-timeout.sql', { lock_timeout })),
    step(
      'install while another installation is under way',
      'Run it again.',
      sql('install/one-at-a-time.sql'),
    ),
    ...withLocks(steps, lockTimeoutMs),
    step('commit', 'Run it again.', 'commit'),
  ];
}

function withLocks(steps: readonly Step[], lockTimeoutMs: number): Step[] {
  const locks = takeLocks(steps, lockTimeoutMs);
  if (locks === null) return [...steps];
  const lock: Step = {
    purpose: 'lock the tables',
    needs: 'Run it again.',
    statement: asStatement(locks.block),
    undo: null,
    lock: null,
  };
  return [...steps.slice(0, locks.before), lock, ...steps.slice(locks.before)];
}

/** Looked for after the rollback, for a transaction that has failed cannot look; it may have ended by then. */
async function locked(
  client: Client,
  step: Step,
  { steps, lockTimeoutMs }: Plan,
  error: unknown,
): Promise<PgCacheWatchError> {
  const lock = wantedLock(step, steps, error);
  const holders = await readHolders(client, lock).catch(() => []);
  const what =
    lock === null
      ? `${step.purpose} within ${lockTimeoutMs} ms`
      : `lock ${lock.table} in mode ${lock.mode} within the ${lockTimeoutMs} ms allowed for all locks together`;
  const who = holders.length === 0 ? '' : `. Held by ${holders.map(describeHolder).join('; ')}`;
  return new PgCacheWatchError('LOCKED', `Could not ${what}. Nothing was changed${who}`, {
    cause: error,
    sqlState: LOCK_NOT_AVAILABLE,
    remedy: remedyAgainst(holders),
  });
}

/** `null`: none on a table. */
function wantedLock({ lock }: Step, steps: readonly Step[], error: unknown): TableLock | null {
  const table = error instanceof DatabaseError ? error.table : undefined;
  const mode = table === undefined ? undefined : strongestLocks(steps).get(table);
  return table === undefined || mode === undefined ? lock : { table, mode };
}

function failed({ purpose, needs }: Step, error: unknown, state: string): PgCacheWatchError {
  const sqlState = sqlStateOf(error);
  const code = codeFor(sqlState);
  return new PgCacheWatchError(code, `Could not ${purpose}: ${asError(error).message}. ${state}`, {
    cause: error,
    sqlState,
    remedy: hintOf(error) ?? remedyFor(sqlState, needs),
  });
}

function codeFor(sqlState: string | undefined): ErrorCode {
  if (sqlState === UNTRUSTED_OWNER_STATE) return 'UNTRUSTED_OWNER';
  return sqlState !== undefined && BREAKS_WRITERS.has(sqlState) ? 'WOULD_BREAK_WRITERS' : 'SERVER';
}

/** A refusal of our own comes with its remedy; the server's hints are about the statement, which is ours. */
function hintOf(error: unknown): string | undefined {
  if (!(error instanceof DatabaseError) || error.hint === undefined) return undefined;
  if (error.code === UNTRUSTED_OWNER_STATE) return error.hint;
  return BREAKS_WRITERS.has(error.code ?? '') ? `${error.hint}, and run this again.` : undefined;
}

function remedyFor(sqlState: string | undefined, needs: string): string {
  switch (sqlState) {
    case '40P01': // deadlock_detected
      return 'Run it again.';
    case '57014': // query_canceled
      return 'Run it again, with a longer statement_timeout if that is what has cancelled it.';
    case '42710': // duplicate_object
    case '42704': // undefined_object
      return 'Somebody else has been at it since it was planned: run it again.';
    case '55000': // object_not_in_prerequisite_state
    case '42P10': // invalid_column_reference
      return 'Give the table a replica identity, a primary key at best, and run this again.';
    case '55006': // object_in_use
      return 'End the process that uses it, and run this again. pg_stat_activity shows it.';
    case '25006': // read_only_sql_transaction
      return 'Connect to a primary server, with default_transaction_read_only off.';
    case '42501': // insufficient_privilege
      return needs;
    default:
      return 'Mend what the server says, and run this again.';
  }
}
