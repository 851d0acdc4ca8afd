/**
 * How much of a flood is let loose: `FLOOD_SCALE=1 npx vitest run test/floods` is the whole of it, which takes some
 * ten minutes on two cores. Default: a hundredth.
 */
export const SCALE = Number(process.env.FLOOD_SCALE ?? 0.01);

export const scaled = (count: number): number => Math.max(1, Math.round(count * SCALE));

/** For a test whose whole flood takes a minute or more. */
export const TIMEOUT_MS = 60_000 + 600_000 * Math.min(1, SCALE);
