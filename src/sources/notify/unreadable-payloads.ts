import type { PgCacheWatchError } from '../../errors.js';
import { unreadable } from './requirements.js';

/** How long they are gathered. */
const LONGEST_MS = 100;

/** Payloads that cannot be read, gathered to be told of at once: anyone can send a million of them. */
export class UnreadablePayloads {
  readonly #channel: string;
  #first: { readonly payload: string; readonly why: string; readonly atMs: number } | null = null;
  #more = 0;

  constructor(channel: string) {
    this.#channel = channel;
  }

  add(payload: string, why: string): void {
    if (this.#first) this.#more++;
    else this.#first = { payload, why, atMs: performance.now() };
  }

  /** Whether they have been gathered for long enough. */
  get areDue(): boolean {
    return this.#first !== null && performance.now() - this.#first.atMs > LONGEST_MS;
  }

  /** What there is to be told of them; `null` where there are none. From then on, it begins anew. */
  take(): PgCacheWatchError | null {
    if (this.#first === null) return null;
    const { payload, why } = this.#first;
    const error = unreadable(payload, why, this.#more, this.#channel);
    this.#first = null;
    this.#more = 0;
    return error;
  }
}
