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
  readonly #waiting = new Map<string, Waiting>();
  #next = 1;

  constructor(send: (mark: string) => Promise<unknown>) {
    this.#send = send;
  }

  /** Sends a mark and resolves when it is back. */
  reached({ signal }: CaughtUpOptions): Promise<void> {
    const mark = String(this.#next++);
    return new Promise<void>((resolve, reject) => {
      const settle = (result: () => void) => {
        this.#waiting.delete(mark);
        signal?.removeEventListener('abort', onAbort);
        result();
      };
      const onAbort = () => settle(() => reject(signal?.reason));
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const waiting: Waiting = {
        resolve: () => settle(resolve),
        reject: (reason) => settle(() => reject(reason)),
      };
      this.#waiting.set(mark, waiting);
      this.#send(mark).catch(waiting.reject);
    });
  }

  arrived(mark: string): void {
    this.#waiting.get(mark)?.resolve();
  }

  /** No mark will come back any more. */
  abandon(reason: unknown): void {
    for (const waiting of [...this.#waiting.values()]) waiting.reject(reason);
  }
}
