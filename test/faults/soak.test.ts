import { expect, inject, it } from 'vitest';
import { runSoak } from './soak-program.js';

// A short run, so that it is known to run at all. `npm run soak -- --minutes 10` is the long one.
it.skipIf(inject('serverPackage') === null)(
  'no promise is broken while servers, networks and processes fail at random',
  { timeout: 180_000 },
  async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const { status, said } = await runSoak(
      ['--minutes', '0.2', '--round', '2', '--seed', String(seed)],
      150_000,
    );
    expect(status, said).toBe(0);
    expect(said).toMatch(/stale reads beyond a bound \| 0 \|/);
    expect(said).not.toMatch(/\| faults survived \| 0 \|/);
    expect(said).not.toMatch(/\| values checked \| 0 \|/);
  },
);
