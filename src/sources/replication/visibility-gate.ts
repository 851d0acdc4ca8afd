import type { Held } from './held.js';
import { type Snapshot, seeingEverything } from './snapshot.js';

export interface GateOptions {
  /** Asks for a snapshot, on a connection of its own. */
  readonly snapshot: () => Promise<Snapshot>;
  /** What may pass: called once for each, in the order of `add`. */
  readonly onPass: (held: Held) => void;
  /** A snapshot has come: what it showed has passed. */
  readonly onLook: (snapshot: Snapshot) => void;
  /** What may pass takes longer than a turn: more should not be added until it has. */
  readonly onBusy: (busy: boolean) => void;
  readonly onError: (error: unknown) => void;
  /** `false`: lets everything pass at once. */
  readonly gated: boolean;
}

const FIRST_PAUSE_MS = 0.1;
const LONGEST_PAUSE_MS = 50;
/** How long to let pass before everybody else has a turn. */
const LONGEST_TURN_MS = 10;

/**
 * Holds transactions back until a query can see them.
 *
 * A commit record is in the WAL, and is streamed, before the transaction leaves the list of those running:
 * whoever queries on receipt of it can read the row as it was. So one snapshot at a time is asked for while
 * anything waits, each serving all that wait, and what it shows passes in order. Nothing waits: nothing
 * is asked; and what the last snapshot showed, such as the past that a durable slot has kept, need not wait.
 */
export class VisibilityGate {
  readonly #options: GateOptions;
  readonly #queue: Held[] = [];
  #last: Snapshot | undefined;
  #asking = false;
  #busy = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Looks once, before anything is added. */
  async begin(): Promise<void> {
    this.#last = await this.#snapshot();
  }

  /** What waits, in order. */
  get waiting(): readonly Held[] {
    return this.#queue;
  }

  add(held: Held): void {
    if (this.#closed) return;
    if (this.#queue.length === 0 && this.#last && held.isReady(this.#last)) return this.#options.onPass(held);
    this.#queue.push(held);
    if (!this.#asking) this.#ask(FIRST_PAUSE_MS);
  }

  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    clearTimeout(this.#timer);
  }

  #ask(pauseMs: number): void {
    this.#asking = true;
    this.#snapshot().then(
      (snapshot) => this.#look(snapshot, pauseMs),
      (error: unknown) => this.#closed || this.#options.onError(error),
    );
  }

  #snapshot(): Promise<Snapshot> {
    const { snapshot, gated } = this.#options;
    if (gated) return snapshot();
    return this.#last ? Promise.resolve(this.#last) : snapshot().then(seeingEverything);
  }

  #look(snapshot: Snapshot, pauseMs: number): void {
    if (this.#closed) return;
    this.#last = snapshot;
    const untilMs = performance.now() + LONGEST_TURN_MS;
    let passed = 0;
    for (const held of this.#queue) {
      if (!held.isReady(snapshot)) break;
      if (passed > 0 && performance.now() > untilMs) return this.#lookOn(snapshot, passed, pauseMs);
      passed++;
      this.#options.onPass(held);
      if (this.#closed) return;
    }
    this.#queue.splice(0, passed);
    this.#setBusy(false);
    this.#options.onLook(snapshot);
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

  /** In the next turn: whoever passes may have much to do for those who listen. */
  #lookOn(snapshot: Snapshot, passed: number, pauseMs: number): void {
    this.#queue.splice(0, passed);
    this.#setBusy(true);
    setImmediate(() => this.#look(snapshot, pauseMs));
  }

  #setBusy(busy: boolean): void {
    if (this.#busy === busy) return;
    this.#busy = busy;
    this.#options.onBusy(busy);
  }
}
