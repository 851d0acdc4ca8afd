import type { Pausable } from './brake.js';

/** What makes a socket one that says a little at a time, and often. */
export interface PaceOptions {
  /** So many small reads within so many milliseconds, and the next one waits. */
  readonly reads: number;
  readonly withinMs: number;
  /** Where a wait brought so much for each of its milliseconds, the next one is twice as long. */
  readonly busyBytesPerMs: number;
  /**
   * When all that came in a wait has been told of: at the end of the turn in which the socket was read, or with the next
   * call of `taken`.
   */
  readonly settledBy: 'turn' | 'call';
}

/** A read brings so much at least where waiting brings no more. */
const LARGE_READ_BYTES = 16 * 1024;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 8;

/**
 * When to leave the socket alone: while it says a little at a time, and often, most of the work would be reading. The
 * server sends each message by itself, and to wake up for one takes ten times as long as to read it. A millisecond
 * later, a hundred can be read at once. And the server is faster for it, as nobody has to be woken when it sends.
 *
 * As long as that goes on, so many transactions are late by up to eight milliseconds, instead of each being late by the
 * time that all that reading takes from everybody on the machine.
 */
export class ReadingPace {
  readonly #socket: Pausable;
  readonly #options: PaceOptions;
  #state: 'reading' | 'paused' | 'resumed' = 'reading';
  #countedSinceMs = 0;
  #smallReads = 0;
  #pauseMs = FIRST_PAUSE_MS;
  /** What a pause has brought. */
  #bytes = 0;

  constructor(socket: Pausable, options: PaceOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** To be called for all that was read at once. */
  taken(bytes: number): void {
    const { reads, withinMs, settledBy } = this.#options;
    this.#bytes += bytes;
    if (this.#state === 'resumed' && settledBy === 'call') return this.#look();
    if (this.#state !== 'reading' || bytes >= LARGE_READ_BYTES) return;
    const nowMs = performance.now();
    if (nowMs - this.#countedSinceMs > withinMs) {
      this.#countedSinceMs = nowMs;
      this.#smallReads = 0;
    }
    if (++this.#smallReads < reads) return;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#pause();
  }

  #pause(): void {
    this.#state = 'paused';
    this.#bytes = 0;
    this.#socket.pause();
    setTimeout(() => {
      this.#state = 'resumed';
      this.#socket.resume();
      if (this.#options.settledBy === 'turn') setImmediate(() => this.#look());
    }, this.#pauseMs);
  }

  /** Whether it goes on like that. */
  #look(): void {
    this.#state = 'reading';
    this.#smallReads = 0;
    const busyBytes = this.#options.busyBytesPerMs * this.#pauseMs;
    if (this.#bytes >= LARGE_READ_BYTES || this.#bytes < busyBytes) return;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    this.#pause();
  }
}
