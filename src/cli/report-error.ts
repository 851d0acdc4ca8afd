import { asError, PgCacheWatchError } from '../errors.js';
import { redact } from '../sources/connection.js';
import type { Io } from './io.js';

/** Says what failed and what would mend it, a line each: no stack, and no password. */
export function reportError(thrown: unknown, io: Io): void {
  const error = asError(thrown);
  io.err(`error: ${line(error.message || error.name)}\n`);
  if (error instanceof PgCacheWatchError && error.remedy !== null) io.err(`remedy: ${line(error.remedy)}\n`);
}

function line(text: string): string {
  return redact(text).replace(/\s*[\r\n]+\s*/g, ' ');
}
