import type { Socket } from 'node:net';

/** What is done to one direction of all connections. Read anew with every piece that comes. */
export interface Treatment {
  delayMs: number;
  /** After so many pieces of a connection. */
  silentAfter: number;
  isStopped: boolean;
  /** For each connection, counted from when it was set. `null`: no limit. */
  cutAfter: { readonly bytes: number } | null;
}

export function untreated(): Treatment {
  return { delayMs: 0, silentAfter: Number.POSITIVE_INFINITY, isStopped: false, cutAfter: null };
}

/** One direction of one connection. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #treatment: Treatment;
  /** What was cut off it: the limit that it was counted for, and the bytes since. */
  #counted: { readonly limit: Treatment['cutAfter']; bytes: number } = { limit: null, bytes: 0 };
  /** What is delayed, in order. */
  readonly #held: { readonly piece: Buffer; readonly dueAt: number }[] = [];
  #hasLost = false;
  #pieces = 0;

  constructor(from: Socket, to: Socket, treatment: Treatment) {
    this.#from = from;
    this.#to = to;
    this.#treatment = treatment;
    from.on('data', (piece) => this.#take(piece));
    to.on('drain', () => this.settle());
    this.settle();
  }

  /** Whether something of it has been kept back for good: it can only be destroyed. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  /** The treatment may have changed. */
  settle(): void {
    if (this.#treatment.isStopped || this.#to.writableNeedDrain) this.#from.pause();
    else this.#from.resume();
  }

  #take(piece: Buffer): void {
    const { silentAfter, delayMs } = this.#treatment;
    if (this.#pieces++ >= silentAfter) this.#hasLost = true;
    if (this.#hasLost) return;
    if (delayMs === 0 && this.#held.length === 0) return this.#pass(piece);
    this.#held.push({ piece, dueAt: performance.now() + delayMs });
    if (this.#held.length === 1) this.#wait(delayMs);
  }

  /** In order: what was delayed is not overtaken by what comes after the delay has ended. */
  #wait(forMs: number): void {
    setTimeout(() => {
      const [first] = this.#held;
      if (first === undefined) return;
      this.#held.shift();
      this.#pass(first.piece);
      const next = this.#held[0];
      if (next) this.#wait(Math.max(0, next.dueAt - performance.now()));
    }, forMs);
  }

  #pass(piece: Buffer): void {
    if (this.#to.destroyed || this.#hasLost) return;
    const { cutAfter } = this.#treatment;
    if (cutAfter !== this.#counted.limit) this.#counted = { limit: cutAfter, bytes: 0 };
    if (cutAfter !== null) {
      const left = cutAfter.bytes - this.#counted.bytes;
      this.#counted.bytes += piece.length;
      if (piece.length >= left) {
        this.#hasLost = true;
        // Ended, so that what came before the cut arrives.
        this.#to.end(piece.subarray(0, left), () => {
          this.#from.destroy();
          this.#to.destroy();
        });
        return;
      }
    }
    if (!this.#to.write(piece)) this.#from.pause();
  }
}
