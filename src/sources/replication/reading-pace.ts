import type { Pausable } from '../brake.js';

/** A read brings so much at least where waiting brings no more. */
const SMALL_READ_BYTES = 16 * 1024;
/** So many small reads within a millisecond, and the next one waits for a millisecond. */
const SMALL_READS_PER_MS = 4;
const PAUSE_MS = 1;

/**
 * When to leave the socket alone: while it says a little at a time, and often, most of the work would be reading. The
 * server sends each message by itself, and to wake up for one takes ten times as long as to read it. A millisecond
 * later, a hundred can be read at once. And the server is faster for it, as nobody has to be woken when it sends.
 */
export class ReadingPace {
  readonly #socket: Pausable;
  #countedSinceMs = 0;
  #smallReads = 0;
  #paused = false;

  constructor(socket: Pausable) {
    this.#socket = socket;
  }

  /** To be called for all that was read at once. */
  taken(bytes: number): void {
    if (this.#paused || bytes >= SMALL_READ_BYTES) return;
    const nowMs = performance.now();
    if (nowMs - this.#countedSinceMs > 1) {
      this.#countedSinceMs = nowMs;
      this.#smallReads = 0;
    }
    if (++this.#smallReads < SMALL_READS_PER_MS) return;
    this.#paused = true;
    this.#socket.pause();
    setTimeout(() => {
      this.#paused = false;
      this.#socket.resume();
    }, PAUSE_MS);
  }
}
