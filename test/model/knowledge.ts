import type { ChangeSource, Clock } from '../../src/index.js';
import type { CacheUnderTest } from './caches.js';

/** What the caches of a source must know by now: which versions have been told, and when. */
export class Knowledge {
  readonly #source: ChangeSource;
  readonly #clock: Clock;
  readonly #told: { readonly version: number; readonly at: number }[] = [{ version: 0, at: 0 }];
  /** The last version whose commit has returned. */
  committed = 0;
  #liveSince = 0;
  #interruptedAt = 0;

  constructor(source: ChangeSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  get lastTold(): number {
    return this.#told.at(-1)?.version ?? 0;
  }

  /** Every version up to this one has been told. */
  tell(version: number): void {
    if (version > this.lastTold) this.#told.push({ version, at: this.#clock.now() });
  }

  interrupted(): void {
    this.#interruptedAt = this.#clock.now();
  }

  /** The gap has emptied the caches, whatever was committed meanwhile. */
  live(): void {
    this.#liveSince = this.committed;
    this.tell(this.committed);
  }

  /** What a call that begins now must not be older than. */
  floor(kind: CacheUnderTest, fresh = false): number {
    if (fresh) return this.committed;
    const { boundMs, serveStaleForMs = 0, staleWhileRevalidate } = kind;
    const told = this.#toldUntil(this.#clock.now() - boundMs);
    if (this.#source.state === 'live') {
      return staleWhileRevalidate ? told : Math.max(told, this.#liveSince);
    }
    return this.#clock.now() - this.#interruptedAt < serveStaleForMs ? told : this.committed;
  }

  #toldUntil(at: number): number {
    return this.#told.findLast((each) => each.at <= at)?.version ?? 0;
  }
}
