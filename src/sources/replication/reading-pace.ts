/** How long messages may be worked on before everybody else has a turn. */
const LONGEST_TURN_MS = 10;
/** A read brings so much at least where waiting brings no more. */
const SMALL_READ_BYTES = 16 * 1024;
/** So many small reads within a millisecond, and the next one waits for a millisecond. */
const SMALL_READS_PER_MS = 4;
const PAUSE_MS = 1;

/** As a socket can be. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/**
 * When to leave the socket alone.
 *
 * While it has a lot to say, it would hold up the event loop: Node reads up to 32 times 64 kB from one connection
 * before it looks at another, or at a timer, and in 2 MB there can be 15,000 rows.
 *
 * While it says a little at a time, and often, most of the work would be reading: the server sends each message by
 * itself, and to wake up for one takes ten times as long as to read it. A millisecond later, a hundred can be read at
 * once. And the server is faster for it, as nobody has to be woken when it sends.
 */
export class ReadingPace {
  readonly #socket: Pausable;
  readonly #longestTurnMs: number;
  #turnSinceMs: number | null = null;
  #countedSinceMs = 0;
  #smallReads = 0;
  #paused = false;

  constructor(socket: Pausable, longestTurnMs = LONGEST_TURN_MS) {
    this.#socket = socket;
    this.#longestTurnMs = longestTurnMs;
  }

  /** To be called for all that was read at once, when it has been worked on. */
  taken(bytes: number): void {
    const nowMs = performance.now();
    if (this.#turnSinceMs === null) {
      this.#turnSinceMs = nowMs;
      // Runs once this turn's reading is over, whether it was cut short or not.
      setImmediate(() => {
        this.#turnSinceMs = null;
      });
    }
    if (this.#paused) return;
    if (nowMs - this.#countedSinceMs > 1) {
      this.#countedSinceMs = nowMs;
      this.#smallReads = 0;
    }
    if (bytes < SMALL_READ_BYTES && ++this.#smallReads >= SMALL_READS_PER_MS) {
      this.#pause((resume) => setTimeout(resume, PAUSE_MS));
    } else if (nowMs - this.#turnSinceMs > this.#longestTurnMs) {
      this.#pause(setImmediate);
    }
  }

  #pause(later: (resume: () => void) => void): void {
    this.#paused = true;
    this.#socket.pause();
    later(() => {
      this.#paused = false;
      this.#socket.resume();
    });
  }
}
