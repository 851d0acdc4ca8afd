import type { Clock } from '../../src/index.js';

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** Time that passes when a test says so, and timers that can be counted. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.#now + ms, action };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many actions are still to come. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets the time pass, and runs what is due on the way at its own time, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#dueBy(until); next; next = this.#dueBy(until)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.action();
    }
    this.#now = until;
  }

  #dueBy(until: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }
}
