import { isDeepStrictEqual } from 'node:util';
import type { Reading } from './scenario.js';
import { watchDrops } from './watch-drops.js';

export interface BurstOptions {
  readonly reading: Reading;
  readonly times: number;
  /** Changes what the reading reads. */
  readonly write: (round: number) => Promise<unknown>;
  readonly caughtUp: () => Promise<void>;
}

export interface BurstResult {
  readonly times: number;
  /** How many reads after a write were not what the database says. */
  readonly stale: number;
  /** From each commit to the drop it caused, sorted. */
  readonly dropMs: readonly number[];
}

/** Writes again and again, and each time reads back through the cache what was just written. */
export async function runBurst({ reading, times, write, caughtUp }: BurstOptions): Promise<BurstResult> {
  const dropMs: number[] = [];
  let stale = 0;
  for (let round = 1; round <= times; round += 1) {
    await reading.cached();
    const watch = watchDrops([reading]);
    await write(round);
    const committedAt = performance.now();
    await caughtUp();
    watch.stop();
    const droppedAt = watch.droppedAt.get(reading.name);
    if (droppedAt !== undefined) dropMs.push(Math.max(0, droppedAt - committedAt));
    if (!isDeepStrictEqual(await reading.cached(), await reading.direct())) stale += 1;
  }
  return { times, stale, dropMs: dropMs.sort((a, b) => a - b) };
}
