import { expect } from 'vitest';
import type { ConsumerReport } from './consumer-report.js';

/**
 * How much of a flood is let loose. `FLOOD_SCALE=1 npx vitest run test/floods` is the whole of it, some ten minutes on
 * two cores, and prints what came of each. Default: a hundredth.
 */
export const SCALE = Number(process.env.FLOOD_SCALE ?? 0.01);

export const scaled = (count: number): number => Math.max(1, Math.round(count * SCALE));

export const TIMEOUT_MS = 60_000 + 900_000 * Math.min(1, SCALE);

/** However large the flood: what is held of it has limits (16 MB of a transaction, and what it takes to hold that). */
export const MAX_GROWTH_MB = 160;

/** How long the event loop may be held. 50 where the machine is ours alone (MAX_BLOCKED_MS=50). */
export const MAX_BLOCKED_MS = Number(process.env.MAX_BLOCKED_MS ?? 500);

/**
 * A quick flood is followed. Of a whole one, where the machine has other things to do, an answer may take longer than
 * `silenceLimitMs`; then everything is dropped, which is no less right.
 */
export function expectToFollow({ statistics }: ConsumerReport): void {
  if (SCALE <= 0.1) expect(statistics.interruptions).toBe(0);
}
