import { asError } from '../errors.js';
import type { Logger } from '../logger.js';

/** Tells of what went wrong and did not reach a caller: always the log, and once the `error` listeners. */
export class ErrorReporter {
  readonly #logger: Logger;
  readonly #emit: (error: Error) => void;
  #last = '';
  #emitting = false;

  constructor(logger: Logger, emit: (error: Error) => void) {
    this.#logger = logger;
    this.#emit = emit;
  }

  /** What comes again and again, such as a refused connection, is told to the listeners once. */
  report(thrown: unknown): void {
    const error = asError(thrown);
    this.#logger.error({ err: error }, `pgcachewatch: ${error.message}`);
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
