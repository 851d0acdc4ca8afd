import type { Clock } from '../clock.js';
import { PgCacheWatchError } from '../errors.js';

interface LoadOptions {
  /** The cache's name. */
  readonly name: string;
  readonly clock: Clock;
  readonly timeoutMs: number | undefined;
}

/** What whoever waits for a load needs of it. */
export type Waiting = Pick<Load<unknown>, 'join' | 'wait'>;

/**
 * One run of a cached function, and those who wait for it. It is given up when it takes too long, or when
 * each of them has stopped waiting; then its signal is aborted. That nobody stores its result any more is no
 * reason: somebody may wait for it.
 */
export class Load<T> {
  readonly promise: Promise<T>;
  readonly #options: LoadOptions;
  readonly #onGivenUp: () => void;
  #resolve: (value: T) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #stopTimer: (() => void) | undefined;
  #controller: AbortController | undefined;
  #givenUp: { readonly reason: unknown } | undefined;
  #waiting = 0;
  #isForGood = false;
  #isOver = false;

  /** @param onGivenUp is called before those who still wait are told */
  constructor(options: LoadOptions, onGivenUp: () => void) {
    this.#options = options;
    this.#onGivenUp = onGivenUp;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Made when it is first looked at: most functions do not. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#givenUp) this.#controller.abort(this.#givenUp.reason);
    return this.#controller.signal;
  }

  /** Runs the function, whose result is the load's. */
  begin(run: () => T | PromiseLike<T>): void {
    const { name, clock, timeoutMs } = this.#options;
    if (timeoutMs !== undefined) {
      this.#stopTimer = clock.after(timeoutMs, () => this.giveUp(timedOut(name, timeoutMs)));
    }
    let result: PromiseLike<T>;
    try {
      result = Promise.resolve(run());
    } catch (error) {
      result = Promise.reject(error);
    }
    result.then(
      (value) => {
        this.#end();
        this.#resolve(value);
      },
      (error) => {
        this.#end();
        this.#reject(error);
      },
    );
  }

  /** Somebody waits who will not stop. */
  join(): void {
    this.#isForGood = true;
  }

  /** Somebody waits who may stop. `outcome` is what comes of this load for them. */
  wait<R>(outcome: Promise<R>, signal: AbortSignal): Promise<R> {
    this.#waiting++;
    return new Promise<R>((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        if (--this.#waiting === 0 && !this.#isForGood) this.giveUp(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  giveUp(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#givenUp = { reason };
    this.#onGivenUp();
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  #end(): void {
    this.#isOver = true;
    this.#stopTimer?.();
  }
}

function timedOut(name: string, timeoutMs: number): PgCacheWatchError {
  return new PgCacheWatchError(
    'LOAD_TIMEOUT',
    `${name} took longer than its loadTimeoutMs, ${timeoutMs} ms`,
    {
      remedy:
        'Find out why it is slow, or allow for more. The option `context` hands it a signal to stop by.',
    },
  );
}
