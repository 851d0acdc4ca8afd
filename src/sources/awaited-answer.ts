/**
 * Tells whether what is heard is late. A server answers a question after all that it had to say before; so for as long
 * as an answer is overdue, whatever is heard is as old as the question, however much of it there is.
 */
export class AwaitedAnswer {
  readonly #limitMs: number;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #awaited = false;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  get isAwaited(): boolean {
    return this.#awaited;
  }

  get isOverdue(): boolean {
    return this.#awaited && this.#elapsedMs() > this.#limitMs;
  }

  /** Whether it is time to ask where nothing else makes one ask: ten times in the limit is often enough. */
  get isWanted(): boolean {
    return !this.#awaited && this.#elapsedMs() > this.#limitMs / 10;
  }

  asked(): void {
    this.#askedAtMs = performance.now();
    this.#awaited = true;
  }

  came(): void {
    this.#awaited = false;
  }

  #elapsedMs(): number {
    return performance.now() - this.#askedAtMs;
  }
}
