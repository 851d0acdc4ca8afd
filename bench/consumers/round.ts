import { type Hearing, now, type Wanted } from './consumer.js';

/** Counts what is heard in one round: every change once, and nothing else. */
export class Round {
  readonly #wanted: Wanted;
  readonly #seen: Uint8Array;
  readonly #at: Float64Array;
  readonly #cpu = process.cpuUsage();
  readonly #done: (hearing: Hearing) => void;
  #count = 0;
  #wrong: string | null = null;

  constructor(wanted: Wanted, done: (hearing: Hearing) => void) {
    const { changes, timed } = wanted;
    this.#wanted = wanted;
    this.#seen = new Uint8Array(changes);
    this.#at = new Float64Array(timed ? changes : 0);
    this.#done = done;
  }

  /** What was heard that should not have been. */
  get wrong(): string | null {
    return this.#wrong;
  }

  heard(id: number | null): void {
    // Rows below 0 are written by others, as a load.
    if (id !== null && id < 0) return;
    const { first, changes, timed } = this.#wanted;
    this.#count++;
    if (id !== null) {
      const place = id - first;
      if (this.#seen[place] !== 0) this.#wrong ??= `row ${id} was heard of twice, or never changed`;
      this.#seen[place] = 1;
      if (timed) this.#at[place] = now();
    }
    if (this.#count === changes) this.#finish();
    else if (this.#count > changes) this.#wrong ??= `more than ${changes} changes`;
  }

  #finish(): void {
    const lastAt = now();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#done({ lastAt, cpuMs: (user + system) / 1_000, at: this.#at });
  }
}
