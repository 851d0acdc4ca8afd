import type { PgCacheWatchError } from '../errors.js';
import type { SourceState } from './change-source.js';

/** Restarts of a server are mostly over by then. */
const WARN_AFTER_MS = 5_000;

export interface WaitingWarningOptions {
  /** Whether a logger or a listener gets the errors: then this would only repeat them. */
  readonly isHeard: () => boolean;
  readonly obstacle: () => PgCacheWatchError;
}

/**
 * Says on stderr, once each time, that a source has not been live for some seconds, and why. Without a logger and a
 * listener, a program that waits for `start()` would stand still and give no reason.
 */
export class WaitingWarning {
  readonly #options: WaitingWarningOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WaitingWarningOptions) {
    this.#options = options;
  }

  follow(state: SourceState): void {
    clearTimeout(this.#timer);
    if (state !== 'connecting' && state !== 'interrupted') return;
    this.#timer = setTimeout(() => this.#warn(), WARN_AFTER_MS);
    // A warning is no reason for a process to go on.
    this.#timer.unref();
  }

  #warn(): void {
    const { isHeard, obstacle } = this.#options;
    if (isHeard()) return;
    const { code, message, remedy } = obstacle();
    const what = `pgcachewatch: the source has not been live for ${WARN_AFTER_MS / 1000} s, and still tries: ${message}`;
    process.emitWarning(remedy === null ? what : `${what}. ${remedy}`, { code });
  }
}
