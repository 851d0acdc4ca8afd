import { type Hearing, now } from './consumer.js';

/** Counts what is heard in one round: every change once, and nothing else. */
export class Round {
  readonly #first: number;
  readonly #changes: number;
  readonly #at: Float64Array;
  readonly #cpu = process.cpuUsage();
  readonly #done: (hearing: Hearing) => void;
  #count = 0;
  #wrong: string | null = null;

  constructor(first: number, changes: number, done: (hearing: Hearing) => void) {
    this.#first = first;
    this.#changes = changes;
    this.#at = new Float64Array(changes);
    this.#done = done;
  }

  /** What was heard that should not have been. */
  get wrong(): string | null {
    return this.#wrong;
  }

  heard(id: number | null): void {
    // Rows below 0 are written by others, as a load.
    if (id !== null && id < 0) return;
    this.#count++;
    if (id !== null) {
      const place = id - this.#first;
      if (this.#at[place] !== 0) this.#wrong ??= `row ${id} was heard of twice, or never changed`;
      this.#at[place] = now();
    }
    if (this.#count === this.#changes) this.#finish();
    else if (this.#count > this.#changes) this.#wrong ??= `more than ${this.#changes} changes`;
  }

  #finish(): void {
    const lastAt = now();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#done({ lastAt, cpuMs: (user + system) / 1_000, at: this.#at });
  }
}
