import { PgCacheWatchError } from '../errors.js';
import type { StartOptions } from './change-source.js';
import { checkStartOptions } from './start-options.js';
import type { Attempt as Connecting } from './supervisor.js';

export interface StartingOptions {
  /** Tries until live. Everything that it has opened is closed by the time it rejects. */
  readonly connect: (attempt: Connecting) => Promise<void>;
  /** An attempt is over, and the source is not live. */
  readonly failed: () => void;
  /** What an attempt waits for. */
  readonly obstacle: () => PgCacheWatchError;
  /** Why the last try failed, if waiting will not help. */
  readonly finalError: () => PgCacheWatchError | null;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** From the first call of `start()` until the source is live, has failed, or nobody waits any more. */
interface Attempt {
  readonly waiters: Set<Waiter>;
  readonly end: AbortController;
  /** Whether it waits no longer for the attempt before it to be closed. */
  hasBegun: boolean;
  /** Whether it goes on when nobody waits for it, and after any error. */
  inBackground: boolean;
  /** What callers get who cannot give up. */
  shared: Promise<void> | undefined;
  /** Resolves when the source is live or everything is closed. */
  readonly over: Promise<void>;
  readonly ended: () => void;
}

/** The calls of `start()`: they share one attempt, and each can give up for itself. */
export class Starting {
  readonly #options: StartingOptions;
  #attempt: Attempt | undefined;
  /** Settles when what the last attempt had opened is closed. */
  #ending: Promise<void> | undefined;
  #isLive = false;

  constructor(options: StartingOptions) {
    this.#options = options;
  }

  /** See `ChangeSource.start`. */
  start(options: StartOptions): Promise<void> {
    try {
      checkStartOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const { timeoutMs, signal, wait = true } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#isLive) return Promise.resolve();
    const running = this.#attempt;
    const attempt = running ?? this.#begin();
    if (!wait) {
      attempt.inBackground = true;
      return Promise.resolve();
    }
    // An attempt that has just begun has not found out anything: what is known is of the one before.
    const known = running?.hasBegun ? this.#options.finalError() : null;
    if (known) return Promise.reject(known);
    if (timeoutMs !== undefined || signal) return this.#join(attempt, options);
    attempt.shared ??= this.#join(attempt, options);
    return attempt.shared;
  }

  /** The source is live, and will be told of as such: nobody gives up any more. */
  live(): void {
    this.#isLive = true;
  }

  #begin(): Attempt {
    let ended = () => {};
    const over = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const end = new AbortController();
    const attempt: Attempt = {
      waiters: new Set<Waiter>(),
      end,
      hasBegun: false,
      inBackground: false,
      shared: undefined,
      over,
      ended,
    };
    // Before it runs: a listener to the state may call start() again.
    this.#attempt = attempt;
    void this.#run(attempt);
    return attempt;
  }

  /** Never rejects. */
  async #run(attempt: Attempt): Promise<void> {
    const { connect, failed } = this.#options;
    try {
      if (this.#ending) await this.#ending;
      this.#ending = undefined;
      const connected = connect({
        signal: attempt.end.signal,
        onFinal: (error) => this.#onFinal(attempt, error),
      });
      attempt.hasBegun = true;
      await connected;
      settle(attempt, (waiter) => waiter.resolve());
    } catch (error) {
      if (this.#attempt === attempt) this.#attempt = undefined;
      failed();
      settle(attempt, (waiter) => waiter.reject(error));
    } finally {
      attempt.ended();
    }
  }

  #onFinal(attempt: Attempt, error: PgCacheWatchError): boolean {
    if (!attempt.inBackground) return false;
    attempt.shared = undefined;
    settle(attempt, (waiter) => waiter.reject(error));
    return true;
  }

  #join(attempt: Attempt, { timeoutMs, signal }: StartOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (why: () => unknown) => {
        if (this.#isLive) return;
        forget();
        // Before the attempt ends: after that, nothing is waited for.
        const reason = why();
        attempt.waiters.delete(waiter);
        void this.#left(attempt).then(() => reject(reason));
      };
      const onAbort = () => leave(() => signal?.reason);
      const onTimeout = () => leave(() => timedOut(timeoutMs ?? 0, this.#options.obstacle()));
      const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs);
      const forget = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        resolve: () => {
          forget();
          resolve();
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      attempt.waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** A caller has given up. The last one ends the attempt, and waits until everything is closed. */
  async #left(attempt: Attempt): Promise<void> {
    if (attempt.waiters.size > 0 || attempt.inBackground || this.#attempt !== attempt) return;
    this.#attempt = undefined;
    this.#ending = attempt.over;
    attempt.end.abort();
    await attempt.over;
  }
}

function settle({ waiters }: Attempt, how: (waiter: Waiter) => void): void {
  const all = [...waiters];
  waiters.clear();
  all.forEach(how);
}

function timedOut(timeoutMs: number, obstacle: PgCacheWatchError): PgCacheWatchError {
  const { message, remedy, sqlState } = obstacle;
  const again = 'Then call start() again; start({ wait: false }) tries until it is live.';
  return new PgCacheWatchError('TIMEOUT', `The source was not live within ${timeoutMs} ms: ${message}`, {
    remedy: remedy === null ? again : `${remedy} ${again}`,
    cause: obstacle,
    sqlState: sqlState ?? undefined,
  });
}
