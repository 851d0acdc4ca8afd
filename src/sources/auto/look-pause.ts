const FIRST_MS = 60_000;
const LAST_MS = 30 * 60_000;

/**
 * How long to wait on notify before the next look whether replication is possible. A switch costs all that is cached,
 * so the pause doubles with each one that was for nothing: replication failed after all, or did not last as long as
 * the pause before it.
 */
export class LookPause {
  readonly #firstMs: number;
  readonly #now: () => number;
  #failures = 0;
  #liveSinceMs: number | null = null;

  constructor(firstMs: number = FIRST_MS, now: () => number = () => performance.now()) {
    this.#firstMs = firstMs;
    this.#now = now;
  }

  get ms(): number {
    return Math.min(this.#firstMs * 2 ** Math.min(Math.max(0, this.#failures - 1), 20), LAST_MS);
  }

  replicationFailed(): void {
    this.#failures++;
  }

  replicationLive(): void {
    // A reconnection is no switch.
    this.#liveSinceMs ??= this.#now();
  }

  /** Notify has taken over. */
  notifyLive(): void {
    if (this.#liveSinceMs === null) return;
    const lastedMs = this.#now() - this.#liveSinceMs;
    this.#liveSinceMs = null;
    this.#failures = lastedMs < this.ms ? this.#failures + 1 : 0;
  }
}
