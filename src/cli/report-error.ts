import { asError, PgCacheWatchError } from '../errors.js';
import { printable } from '../terminal/printable.js';
import type { Io } from './io.js';
import { redactor } from './redactor.js';

export interface ErrorReport {
  /** Takes the passwords out. */
  readonly redact: (text: string) => string;
  /** Whether to tell where it was thrown, too. */
  readonly debug: boolean;
}

/** How the errors of one command line are to be reported. */
export function errorReport(args: readonly string[]): ErrorReport {
  return { redact: redactor([...args, process.env.DATABASE_URL]), debug: args.includes('--debug') };
}

/** Says what failed and what would mend it, a line each: no password, and a stack only for debugging. */
export function reportError(thrown: unknown, io: Pick<Io, 'err'>, { redact, debug }: ErrorReport): void {
  const error = asError(thrown);
  const line = (text: string) => printable(redact(text).replace(/\s*[\r\n]+\s*/g, ' '));
  io.err(`error: ${line(error.message || error.name)}\n`);
  if (error instanceof PgCacheWatchError && error.remedy !== null) io.err(`remedy: ${line(error.remedy)}\n`);
  if (!debug) return;
  for (const text of redact(stackOf(error)).split('\n')) io.err(`${printable(text)}\n`);
}

/** The stacks of an error and its causes. Other properties stay untold: Node and pg keep their input there. */
function stackOf(error: Error): string {
  const stack = error.stack ?? '';
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}
