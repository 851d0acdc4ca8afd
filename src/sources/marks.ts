import type { CaughtUpOptions } from './change-source.js';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Words to oneself, sent the way that changes come. When one is back, whatever was committed before it was
 * sent has been heard, for the way keeps the order of the commits.
 */
export class Marks {
  readonly #send: (mark: string) => Promise<unknown>;
  readonly #waiting = new Map<string, Set<Waiting>>();
  #next = 1;
  /** Those who have come while a mark was being sent: the next one is theirs, one for all. */
  #gathering: Set<Waiting> | undefined;
  #sending = false;

  constructor(send: (mark: string) => Promise<unknown>) {
    this.#send = send;
  }

  /** Resolves when a mark is back that was sent after the call. */
  reached({ signal }: CaughtUpOptions): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      this.#gathering ??= new Set();
      const together = this.#gathering;
      const settle = (result: () => void) => {
        together.delete(waiting);
        signal?.removeEventListener('abort', onAbort);
        result();
      };
      const waiting: Waiting = {
        resolve: () => settle(resolve),
        reject: (reason) => settle(() => reject(reason)),
      };
      const onAbort = () => waiting.reject(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      together.add(waiting);
      if (!this.#sending) this.#sendOne();
    });
  }

  arrived(mark: string): void {
    const waiting = this.#waiting.get(mark);
    this.#waiting.delete(mark);
    for (const each of [...(waiting ?? [])]) each.resolve();
  }

  /** No mark will come back any more. */
  abandon(reason: unknown): void {
    const all = [...this.#waiting.values(), this.#gathering ?? []];
    this.#waiting.clear();
    this.#gathering = undefined;
    for (const waiting of all) for (const each of [...waiting]) each.reject(reason);
  }

  #sendOne(): void {
    const waiting = this.#gathering;
    if (waiting === undefined) return;
    this.#gathering = undefined;
    const mark = String(this.#next++);
    this.#waiting.set(mark, waiting);
    this.#sending = true;
    this.#send(mark)
      .catch((error: unknown) => {
        this.#waiting.delete(mark);
        for (const each of [...waiting]) each.reject(error);
      })
      .finally(() => {
        this.#sending = false;
        this.#sendOne();
      });
  }
}
