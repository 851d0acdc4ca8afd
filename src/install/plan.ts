import { lockLines } from './lock.js';
import { downScript, upScript } from './script.js';
import type { Step } from './step.js';

/** What is to be run, and why, before anything has been run. */
export interface Plan {
  /** What is run in one transaction. */
  readonly steps: readonly Step[];
  /** What is run after it, one by one, because no transaction would take it back. */
  readonly afterwards: readonly Step[];
  /** The SQL of all of them. Each may be several statements that belong together. */
  readonly statements: readonly string[];
  /** The whole as a script of one statement, for `psql` or a migration tool. */
  readonly sql: string;
  /** The script that puts back what was there before. */
  readonly down: string;
  /** What is there already, and what will change: a line for each table and each publication. */
  readonly findings: readonly string[];
  /** Which locks it takes, and what they mean to others. */
  readonly locks: readonly string[];
  /** What a user may want to know. */
  readonly notes: readonly string[];
  /** What a user should know before running it. */
  readonly warnings: readonly string[];
  /** How long locks are waited for, all of them together. */
  readonly lockTimeoutMs: number;
}

export interface Remarks {
  readonly findings: readonly string[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** The work that is left: without steps, the database is as it was asked to be. */
export function makePlan(
  title: string,
  steps: readonly Step[],
  { findings, warnings, ...remarks }: Remarks,
  lockTimeoutMs: number,
  afterwards: readonly Step[] = [],
): Plan {
  const all = [...steps, ...afterwards];
  const notes = [...new Set(remarks.notes)];
  const locks = lockLines(all, lockTimeoutMs);
  const head = [title, ...findings, ...locks, ...warnings.map((text) => `WARNING: ${text}`), ...notes];
  const downHead = [
    `Takes back ${title}`,
    ...lockLines(
      steps.flatMap(({ undo }) => undo ?? []),
      lockTimeoutMs,
    ),
    ...afterwards.map(({ purpose }) => `What cannot be taken back: ${purpose}`),
  ];
  return {
    steps,
    afterwards,
    statements: all.map(({ statement }) => statement),
    sql: upScript(head, steps, afterwards, lockTimeoutMs),
    down: downScript(downHead, steps, lockTimeoutMs),
    findings,
    locks,
    notes,
    warnings,
    lockTimeoutMs,
  };
}
