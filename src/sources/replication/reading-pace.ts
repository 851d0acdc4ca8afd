import type { Pausable } from '../brake.js';

/** A read brings so much at least where waiting brings no more. */
const LARGE_READ_BYTES = 16 * 1024;
/** So many smaller reads within a millisecond, and the next one waits for a millisecond. */
const SMALL_READS_PER_MS = 4;
/** Where a wait brought so much for each of its milliseconds, the next one is twice as long: 2,500 small transactions a second. */
const BUSY_BYTES_PER_MS = 512;
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
  #state: 'reading' | 'paused' | 'resumed' = 'reading';
  #countedSinceMs = 0;
  #smallReads = 0;
  #pauseMs = FIRST_PAUSE_MS;
  /** What a pause has brought. */
  #bytes = 0;

  constructor(socket: Pausable) {
    this.#socket = socket;
  }

  /** To be called for all that was read at once. */
  taken(bytes: number): void {
    this.#bytes += bytes;
    if (this.#state !== 'reading' || bytes >= LARGE_READ_BYTES) return;
    const nowMs = performance.now();
    if (nowMs - this.#countedSinceMs > 1) {
      this.#countedSinceMs = nowMs;
      this.#smallReads = 0;
    }
    if (++this.#smallReads < SMALL_READS_PER_MS) return;
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
      // All that has come meanwhile is read by then.
      setImmediate(() => this.#look());
    }, this.#pauseMs);
  }

  /** Whether it goes on like that. */
  #look(): void {
    this.#state = 'reading';
    this.#smallReads = 0;
    if (this.#bytes >= LARGE_READ_BYTES || this.#bytes < BUSY_BYTES_PER_MS * this.#pauseMs) return;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    this.#pause();
  }
}
