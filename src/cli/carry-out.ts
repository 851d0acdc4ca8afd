import type { Client } from 'pg';
import { commitPlan, type Plan } from '../install/index.js';
import { printable } from '../terminal/printable.js';
import type { Io } from './io.js';
import { type MigrationFlags, migrationFiles, writeMigration } from './migration-files.js';
import { sayPlan } from './say-plan.js';

export interface CarryOutFlags extends MigrationFlags {
  readonly commit?: boolean | undefined;
}

/**
 * Makes a plan and says it; then runs it and says what was done, a line a step, or writes it to files, or
 * prints it as SQL.
 */
export async function carryOut(
  client: Client,
  makePlan: () => Promise<Plan>,
  { commit = false, ...flags }: CarryOutFlags,
  io: Io,
): Promise<void> {
  // What is wrong with the flags is told before the database is looked at.
  const files = migrationFiles(flags);
  const plan = await makePlan();
  sayPlan(plan, io);
  if (files !== null) await writeMigration(plan, files, io);
  else if (commit) await run(client, plan, io);
  else io.out(plan.sql);
}

async function run(client: Client, plan: Plan, io: Io): Promise<void> {
  await commitPlan(client, plan);
  const done = [...plan.steps, ...plan.afterwards];
  for (const { purpose } of done) io.out(`done: ${printable(purpose)}\n`);
  if (done.length === 0) io.out('Nothing to do.\n');
}
