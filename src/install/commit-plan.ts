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

/**
 * Runs a plan in one transaction: all of it or nothing. A plan without steps is not even begun.
 *
 * @param client connected, not within a transaction
 * @throws PgCacheWatchError `SERVER`, saying which step failed, with the server's error as its cause
 */
export async function commitPlan(client: Client, plan: Plan): Promise<void> {
  if (plan.steps.length === 0) return;
  try {
    for (const step of [BEGIN, ...plan.steps, COMMIT]) await run(client, step);
  } catch (error) {
    // If even this fails, the connection is gone, and the transaction with it: the first error says more.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

async function run(client: Client, { purpose, needs, statement }: Step): Promise<void> {
  try {
    await client.query(statement);
  } catch (error) {
    const sqlState = sqlStateOf(error);
    throw new PgCacheWatchError(
      'SERVER',
      `Could not ${purpose}: ${asError(error).message}. Nothing was changed`,
      {
        cause: error,
        sqlState,
        remedy: remedyFor(sqlState, needs),
      },
    );
  }
}

function remedyFor(sqlState: string | undefined, needs: string): string {
  switch (sqlState) {
    case '55P03': // lock_not_available
      return 'A transaction has been holding the table for more than 5 s: end it, or run this again later. pg_stat_activity shows it.';
    case '40P01': // deadlock_detected
      return 'Run it again.';
    case '25006': // read_only_sql_transaction
      return 'Connect to a primary server, with default_transaction_read_only off.';
    case '42501': // insufficient_privilege
      return needs;
    default:
      return 'Mend what the server says, and run this again.';
  }
}
