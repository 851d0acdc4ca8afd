import { isDeepStrictEqual } from 'node:util';
import type { Observer, Reading } from './scenario.js';
import { watchDrops } from './watch-drops.js';

export interface BurstOptions {
  readonly observers: readonly Observer[];
  /** The name of the reading that is watched. */
  readonly name: string;
  readonly times: number;
  /** Changes what the reading reads. */
  readonly write: (round: number) => Promise<unknown>;
}

/** What one of the observers made of it. */
export interface BurstResult {
  readonly mode: string;
  readonly times: number;
  /** How many reads after a write were not what the database says. */
  readonly stale: number;
  /** From each commit to the drop it caused, sorted. */
  readonly dropMs: readonly number[];
}

/** Writes again and again, and each time reads back through each cache what was just written. */
export async function runBurst({ observers, name, times, write }: BurstOptions): Promise<BurstResult[]> {
  const tallies = observers.map((observer) => {
    const reading = observer.readings.find((each) => each.name === name);
    if (reading === undefined) throw new TypeError(`${observer.mode} has no reading ${name}`);
    return new Tally(observer, reading);
  });
  for (let round = 1; round <= times; round += 1) {
    await Promise.all(tallies.map((tally) => tally.reading.cached()));
    const rounds = tallies.map((tally) => tally.begin());
    await write(round);
    const committedAt = performance.now();
    await Promise.all(rounds.map((end) => end(committedAt)));
  }
  return tallies.map((tally) => tally.result(times));
}

class Tally {
  readonly #dropMs: number[] = [];
  #stale = 0;

  constructor(
    readonly observer: Observer,
    readonly reading: Reading,
  ) {}

  begin(): (committedAt: number) => Promise<void> {
    const watch = watchDrops([this.reading], this.observer.onTold);
    return async (committedAt) => {
      await this.observer.caughtUp();
      watch.stop();
      const droppedAt = watch.droppedAt.get(this.reading.name);
      if (droppedAt !== undefined) this.#dropMs.push(Math.max(0, droppedAt - committedAt));
      if (!isDeepStrictEqual(await this.reading.cached(), await this.reading.direct())) this.#stale += 1;
    };
  }

  result(times: number): BurstResult {
    return {
      mode: this.observer.mode,
      times,
      stale: this.#stale,
      dropMs: [...this.#dropMs].sort((a, b) => a - b),
    };
  }
}
