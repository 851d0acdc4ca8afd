import { sql } from '../sql.js';
import type { TableLock } from './lock.js';
import { checkWriters } from './refused-writers.js';
import type { Step } from './step.js';
import { takeLocks } from './take-locks.js';

const TAG = 'pgcachewatch';
const WHY_ONE =
  'One statement, so that it is done as a whole or not at all, in a transaction or without one:';

interface Part {
  readonly purpose: string;
  readonly statement: string;
  readonly lock: TableLock | null;
}

/**
 * Steps as a script of one statement. Then it is run as a whole or not at all, whoever sends it: `psql`, which
 * commits each statement, as well as a migration tool that has begun a transaction of its own, which a
 * `commit` of ours would end too early.
 *
 * @param head lines of a comment
 * @param steps in the order of running
 * @param afterwards what no rollback would take back: it comes last, when nothing of ours can fail any more
 */
export function upScript(
  head: readonly string[],
  steps: readonly Step[],
  afterwards: readonly Step[],
  lockTimeoutMs: number,
): string {
  const final = afterwards.map((step) => ({
    ...step,
    purpose: `${step.purpose}, which no rollback takes back`,
  }));
  const parts = [...steps, ...final].map((step) => ({ ...step, statement: step.script ?? step.statement }));
  return script(head, parts, lockTimeoutMs);
}

/** The script that takes {@link upScript} back, last step first. */
export function downScript(head: readonly string[], steps: readonly Step[], lockTimeoutMs: number): string {
  const undone = steps.toReversed().flatMap(({ purpose, undo }): Part[] => {
    return undo === null ? [] : [{ ...undo, purpose: `take back: ${purpose}` }];
  });
  const published = [...new Set(steps.flatMap(({ undo }) => undo?.published ?? []))];
  if (published.length > 0) {
    const purpose = `check that UPDATE and DELETE on ${published.join(', ')} are allowed`;
    undone.push({ purpose, statement: checkWriters(published), lock: null });
  }
  return script(head, undone, lockTimeoutMs);
}

function script(head: readonly string[], parts: readonly Part[], lockTimeoutMs: number): string {
  if (parts.length === 0) return `${[...head, 'Nothing to do.'].map(comment).join('\n')}\n`;
  const written = parts.map(({ purpose, statement }) => `${comment(purpose)}\n${statement}`);
  const locks = takeLocks(parts, lockTimeoutMs);
  if (locks !== null) written.splice(locks.before, 0, `${comment('lock the tables')}\n${locks.block}`);
  const body = [
    sql('install/script-opening.sql', { lock_timeout: inMilliseconds(lockTimeoutMs) }).trim(),
    ...written,
    sql('install/script-closing.sql').trim(),
  ].join('\n\n');
  const lines = [...head, WHY_ONE].map(comment).join('\n');
  return `${lines}\n\n${asStatement(body)}\n`;
}

/** As the setting `lock_timeout` takes it. */
export function inMilliseconds(lockTimeoutMs: number): string {
  return `${lockTimeoutMs}ms`;
}

/** A table's name can hold a line break, and what follows it must stay a comment. */
function comment(text: string): string {
  return `-- ${text.replace(/[\r\n]+/g, '\n--   ')}`;
}

/** A block of PL/pgSQL as a statement. */
export function asStatement(block: string): string {
  const quote = dollarQuote(block);
  return `do ${quote}\n${block}\n${quote};`;
}

/** A dollar quote that is not in the text: a table may be named like one. */
function dollarQuote(text: string): string {
  for (let n = 1; ; n++) {
    const quote = n === 1 ? `$${TAG}$` : `$${TAG}_${n}$`;
    if (!text.includes(quote)) return quote;
  }
}
