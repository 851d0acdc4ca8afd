import { now } from './clock.js';

const EVERY_MS = 10;
const LATE_MS = 20;

/** Notices when this process could not run: its event loop was blocked, it was stopped, or others had the processor. */
export function watchStandingStill(onStoodStill: (from: number, until: number) => void): () => void {
  let last = now();
  const timer = setInterval(() => {
    const current = now();
    if (current - last > EVERY_MS + LATE_MS) onStoodStill(last, current);
    last = current;
  }, EVERY_MS);
  return () => clearInterval(timer);
}
