import type { Client } from 'pg';
import { commitPlan, type Plan } from '../install/index.js';
import type { Io } from './io.js';

/** Runs a plan and says what was done, a line a step; or prints it as SQL, with nothing run. */
export async function carryOut(client: Client, plan: Plan, commit: boolean, io: Io): Promise<void> {
  if (!commit) {
    io.out(plan.sql);
    return;
  }
  await commitPlan(client, plan);
  const done = [...plan.steps, ...plan.afterwards];
  for (const { purpose } of done) io.out(`done: ${purpose.replace(/[\r\n]+/g, ' ')}\n`);
  if (done.length === 0) io.out('Nothing to do.\n');
  for (const warning of plan.warnings) io.err(`warning: ${warning}\n`);
  for (const note of plan.notes) io.err(`note: ${note}\n`);
}
