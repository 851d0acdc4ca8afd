import { asError, PgCacheWatchError } from '../errors.js';
import type { Logger } from '../logger.js';
import { LogLimiter } from './log-limiter.js';

/** Tells of what went wrong and did not reach a caller: the log, and once the `error` listeners. */
export class ErrorReporter {
  readonly #logger: Logger;
  readonly #emit: (error: Error) => void;
  readonly #limiter = new LogLimiter();
  #last = '';
  #emitting = false;

  constructor(logger: Logger, emit: (error: Error) => void) {
    this.#logger = logger;
    this.#emit = emit;
  }

  /**
   * What comes again and again, such as a refused connection, is told to the listeners once. Of a thousand in a
   * second, such as a listener that throws at every change, some are told, with how many were not.
   */
  report(thrown: unknown): void {
    const error = asError(thrown);
    const skipped = this.#limiter.take(error instanceof PgCacheWatchError ? error.code : error.name);
    if (skipped === null) return;
    this.#logger.error({ err: error, ...(skipped > 0 && { skipped }) }, `pgcachewatch: ${error.message}`);
    // A listener to `error` that throws is reported here in its turn: only to the log.
    if (error.message === this.#last || this.#emitting) return;
    this.#last = error.message;
    this.#emitting = true;
    this.#emit(error);
    this.#emitting = false;
  }

  /** The trouble is over: if it comes again, it is news. */
  forget(): void {
    this.#last = '';
  }
}
