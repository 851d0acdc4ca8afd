import type { Client } from 'pg';
import { sql } from '../../sql.js';
import type { CaughtUpOptions } from '../change-source.js';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Notifications to oneself. The queue holds notifications in the order of the commits, so when a mark is
 * back, whatever was committed before it was set has been heard.
 */
export class Marks {
  readonly #client: Client;
  readonly #channel: string;
  readonly #waiting = new Map<string, Waiting>();
  #next = 1;

  constructor(client: Client, channel: string) {
    this.#client = client;
    this.#channel = channel;
  }

  /** Sets a mark and resolves when it is back. */
  reached({ signal }: CaughtUpOptions): Promise<void> {
    const mark = String(this.#next++);
    return new Promise<void>((resolve, reject) => {
      const forget = () => {
        this.#waiting.delete(mark);
        signal?.removeEventListener('abort', onAbort);
      };
      const waiting: Waiting = {
        resolve: () => {
          forget();
          resolve();
        },
        reject: (reason) => {
          forget();
          reject(reason);
        },
      };
      const onAbort = () => waiting.reject(signal?.reason);
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(mark, waiting);
      this.#client.query(sql('notify/mark.sql'), [this.#channel, mark]).catch(waiting.reject);
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
