import { sql } from '../sql.js';

/** One thing that a plan does, so that a failure can be told in terms of what it was to achieve. */
export interface Step {
  /** What it does, as a sentence without a subject: `watch public.orders`. */
  readonly purpose: string;
  /** What the server needs of the role, where it is known: said when the server refuses. */
  readonly needs: string;
  /** The SQL: one statement, or several that belong together. */
  readonly statement: string;
}

/** What is to be run, and why, before anything has been run. */
export interface Plan {
  /** What is run in one transaction. */
  readonly steps: readonly Step[];
  /** What is run after it, one by one, because no transaction would take it back. */
  readonly afterwards: readonly Step[];
  /** The SQL of all of them. Each may be several statements that belong together. */
  readonly statements: readonly string[];
  /** The whole as a script for `psql`: comments, begin, statements, commit, what comes after. */
  readonly sql: string;
  /** What a user may want to know. */
  readonly notes: readonly string[];
  /** What a user should know before running it. */
  readonly warnings: readonly string[];
}

/** The work that is left: without steps, the database is as it was asked to be. */
export function makePlan(
  title: string,
  steps: readonly Step[],
  remarks: { readonly notes: readonly string[]; readonly warnings: readonly string[] },
  afterwards: readonly Step[] = [],
): Plan {
  const notes = [...new Set(remarks.notes)];
  const head = [title, ...remarks.warnings.map((text) => `WARNING: ${text}`), ...notes];
  const body = [
    ...(steps.length === 0 ? [] : [beginStatement(), ...steps.map(script), 'commit;']),
    ...afterwards.map(script),
  ];
  if (body.length === 0) body.push(comment('Nothing to do.'));
  return {
    steps,
    afterwards,
    statements: [...steps, ...afterwards].map(({ statement }) => statement),
    sql: `${[head.map(comment).join('\n'), ...body].join('\n\n')}\n`,
    notes,
    warnings: remarks.warnings,
  };
}

function script({ purpose, statement }: Step): string {
  return `${comment(purpose)}\n${statement}`;
}

/** Opens the transaction of a plan: not waiting long for locks, and one installation at a time. */
export function beginStatement(): string {
  return sql('install/begin.sql').trim();
}

/** A table's name can hold a line break, and what follows it must stay a comment. */
function comment(text: string): string {
  return `-- ${text.replace(/[\r\n]+/g, '\n--   ')}`;
}
