import type { Snapshot } from './snapshot.js';
import { fullXid, isVisible } from './snapshot.js';

/** Something that waits at the gate. Without an xid, only for those before it. */
export interface Waiting {
  readonly xid: number | null;
  /** Whether something else must come first. */
  isReady(): boolean;
  /** Called once, in the order of `add`. */
  pass(xid: bigint | null): void;
}

export interface GateOptions {
  /** Asks for a snapshot, on a connection of its own. */
  readonly snapshot: () => Promise<Snapshot>;
  readonly onError: (error: unknown) => void;
  /** `false`: lets everything pass at once. */
  readonly gated: boolean;
}

/** A snapshot that sees whatever can be. */
const EVERYTHING: Snapshot = { xmin: 2n ** 64n, xmax: 0n, running: new Set() };
const FIRST_PAUSE_MS = 0.1;
const LONGEST_PAUSE_MS = 50;

/**
 * Holds transactions back until a query can see them.
 *
 * A commit record is in the WAL, and is streamed, before the transaction leaves the list of those running:
 * whoever queries on receipt of it can read the row as it was. So one snapshot at a time is asked for while
 * anything waits, each serving all that wait, and what it shows passes in order. Nothing waits: nothing
 * is asked.
 */
export class VisibilityGate {
  readonly #options: GateOptions;
  readonly #queue: Waiting[] = [];
  #asking = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  add(waiting: Waiting): void {
    this.#queue.push(waiting);
    if (!this.#asking) this.#ask(FIRST_PAUSE_MS);
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    clearTimeout(this.#timer);
  }

  #ask(pauseMs: number): void {
    this.#asking = true;
    const { snapshot, gated } = this.#options;
    (gated ? snapshot() : Promise.resolve(EVERYTHING)).then(
      (snapshot) => this.#look(snapshot, pauseMs),
      (error: unknown) => this.#closed || this.#options.onError(error),
    );
  }

  #look(snapshot: Snapshot, pauseMs: number): void {
    if (this.#closed) return;
    let passed = 0;
    for (const waiting of this.#queue) {
      const { xid } = waiting;
      const full = xid === null ? null : fullXid(xid, snapshot.xmax);
      if ((full !== null && !isVisible(full, snapshot)) || !waiting.isReady()) break;
      passed++;
      waiting.pass(full);
      if (this.#closed) return;
    }
    this.#queue.splice(0, passed);
    if (this.#queue.length === 0) {
      this.#asking = false;
    } else if (passed > 0) {
      this.#ask(FIRST_PAUSE_MS);
    } else {
      // As long as a synchronous standby is away, a commit stays invisible: no need to ask all the time.
      const nextMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      this.#timer = setTimeout(() => this.#ask(nextMs), Math.floor(pauseMs));
    }
  }
}
