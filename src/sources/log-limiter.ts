/** Lines of a kind that may follow each other at once, and how many a second after that. */
const BURST = 10;
const PER_SECOND = 1;

interface Kind {
  lines: number;
  sinceMs: number;
  skipped: number;
}

/** Keeps what happens a million times from being logged a million times: a token bucket for each kind of line. */
export class LogLimiter {
  readonly #kinds = new Map<string, Kind>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** `null`: not this one. Else how many lines of that kind were left out since the last one. */
  take(kind: string): number | null {
    const nowMs = this.#now();
    const known = this.#kinds.get(kind) ?? { lines: BURST, sinceMs: nowMs, skipped: 0 };
    this.#kinds.set(kind, known);
    known.lines = Math.min(BURST, known.lines + ((nowMs - known.sinceMs) / 1000) * PER_SECOND);
    known.sinceMs = nowMs;
    if (known.lines < 1) {
      known.skipped++;
      return null;
    }
    known.lines--;
    const { skipped } = known;
    known.skipped = 0;
    return skipped;
  }
}
