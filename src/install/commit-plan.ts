import type { Client } from 'pg';
import { asError, PgCacheWatchError } from '../errors.js';
import { beginStatement, type Plan, type Step } from './plan.js';
import { sqlStateOf } from './server-error.js';

const BEGIN: Step = {
  purpose: 'begin',
  needs: 'Connect to a primary server, and let other installations finish.',
  statement: beginStatement(),
};
const COMMIT: Step = { purpose: 'commit', needs: 'Run it again.', statement: 'commit' };

// What the server says to an UPDATE or DELETE on a published table without a usable replica identity:
// object_not_in_prerequisite_state, and since PostgreSQL 15 invalid_column_reference.
const BREAKS_WRITERS = new Set(['55000', '42P10']);

/**
 * Runs a plan in one transaction: all of it or nothing. A plan without steps is not even begun. What cannot
 * be taken back is run after it, and only if it was committed.
 *
 * @param client connected, not within a transaction
 * @throws PgCacheWatchError `SERVER`, saying which step failed, with the server's error as its cause;
 *   `WOULD_BREAK_WRITERS` where the server would refuse a table's UPDATE and DELETE
 */
export async function commitPlan(client: Client, { steps, afterwards }: Plan): Promise<void> {
  if (steps.length > 0) {
    try {
      for (const step of [BEGIN, ...steps, COMMIT]) await run(client, step, 'Nothing was changed');
    } catch (error) {
      // If even this fails, the connection is gone, and the transaction with it: the first error says more.
      await client.query('rollback').catch(() => {});
      throw error;
    }
  }
  for (const step of afterwards) await run(client, step, 'What comes before it was done');
}

async function run(client: Client, { purpose, needs, statement }: Step, state: string): Promise<void> {
  try {
    await client.query(statement);
  } catch (error) {
    const sqlState = sqlStateOf(error);
    const code = sqlState !== undefined && BREAKS_WRITERS.has(sqlState) ? 'WOULD_BREAK_WRITERS' : 'SERVER';
    throw new PgCacheWatchError(code, `Could not ${purpose}: ${asError(error).message}. ${state}`, {
      cause: error,
      sqlState,
      remedy: remedyFor(sqlState, needs),
    });
  }
}

function remedyFor(sqlState: string | undefined, needs: string): string {
  switch (sqlState) {
    case '55P03': // lock_not_available
      return 'A transaction has been holding the table for more than 5 s: end it, or run this again later. pg_stat_activity shows it.';
    case '40P01': // deadlock_detected
      return 'Run it again.';
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
