import type { Pausable } from './brake.js';

/** How long messages may be worked on before everybody else has a turn. */
const LONGEST_TURN_MS = 10;

/**
 * Keeps a socket that has a lot to say from holding up the event loop: Node reads up to 32 times 64 kB from
 * one connection before it looks at another, or at a timer, and in 2 MB there can be 15,000 rows.
 */
export class FairShare {
  readonly #socket: Pausable;
  readonly #longestTurnMs: number;
  #sinceMs: number | null = null;
  #paused = false;

  constructor(socket: Pausable, longestTurnMs = LONGEST_TURN_MS) {
    this.#socket = socket;
    this.#longestTurnMs = longestTurnMs;
  }

  /** To be called for every message that the socket has brought. */
  taken(): void {
    if (this.#sinceMs === null) {
      this.#sinceMs = performance.now();
      // Runs once this turn's reading is over, whether it was cut short or not.
      setImmediate(() => this.#endTurn());
    } else if (!this.#paused && performance.now() - this.#sinceMs > this.#longestTurnMs) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  #endTurn(): void {
    this.#sinceMs = null;
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }
}
