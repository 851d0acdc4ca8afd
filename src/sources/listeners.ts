import { defuse } from '../defuse.js';
import { asError, PgCacheWatchError } from '../errors.js';
import type { SourceEvents } from './change-source.js';

type Listener<T> = (value: T) => void;
type Registry = { [E in keyof SourceEvents]: Set<Listener<SourceEvents[E]>> };

/**
 * The listeners of a source. One that throws is reported and disturbs nobody else: Node's EventEmitter
 * would let its exception out into the delivery, and kill the process over an `error` nobody listens to.
 */
export class Listeners {
  readonly #report: (error: PgCacheWatchError) => void;
  readonly #registry: Registry = {
    transaction: new Set(),
    change: new Set(),
    gap: new Set(),
    message: new Set(),
    state: new Set(),
    error: new Set(),
  };

  /** @param report is told of what a listener has thrown */
  constructor(report: (error: PgCacheWatchError) => void) {
    this.#report = report;
  }

  on<E extends keyof SourceEvents>(event: E, listener: Listener<SourceEvents[E]>): () => void {
    const registered = this.#registry[event];
    if (registered === undefined) {
      const known = Object.keys(this.#registry).join(', ');
      throw new PgCacheWatchError('BAD_OPTION', `No such event: ${JSON.stringify(event)}`, {
        remedy: `Listen to one of ${known}.`,
      });
    }
    // A function of its own: the same listener may be registered twice and taken off once.
    const own: Listener<SourceEvents[E]> = (value) => listener(value);
    registered.add(own);
    return () => void registered.delete(own);
  }

  has(event: keyof SourceEvents): boolean {
    return this.#registry[event].size > 0;
  }

  emit<E extends keyof SourceEvents>(event: E, value: SourceEvents[E]): void {
    const registered = this.#registry[event];
    if (registered.size === 0) return;
    for (const listener of [...registered]) {
      try {
        // Its type says that it gives nothing; an async function fits that all the same.
        const given: unknown = listener(value);
        if (given !== undefined) defuse(given, (reason) => this.#failed(event, reason));
      } catch (thrown) {
        this.#failed(event, thrown);
      }
    }
  }

  #failed(event: keyof SourceEvents, thrown: unknown): void {
    const cause = asError(thrown);
    this.#report(
      new PgCacheWatchError('CALLBACK', `A listener to '${event}' has thrown: ${cause.message}`, { cause }),
    );
  }
}
