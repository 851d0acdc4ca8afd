import { describe, expect, inject, it } from 'vitest';
import { runSoak } from './soak-program.js';

// Each kind of fault alone, over all modes, judged by the soak's checker: live again and caught up, caches equal the
// database, no change lost on a durable slot, a gap for every possible loss, no connection, slot, timer or listener left.
// PGCACHEWATCH_EVERY_FAULT=1 takes all of them (some ten minutes); else some that differ most.
const SOME = '^(network: silent both ways|process: stopped|server: walsender killed)$';
const MINUTE_MS = 60_000;

const isWhole = process.env.PGCACHEWATCH_EVERY_FAULT === '1';
const limitMs = isWhole ? 40 * MINUTE_MS : 4 * MINUTE_MS;

describe.skipIf(inject('serverPackage') === null)('each fault alone', () => {
  it(
    'breaks no promise of a source, of whichever mode, and leaves nothing behind',
    {
      timeout: limitMs + MINUTE_MS,
    },
    async () => {
      const { status, said } = await runSoak(['--each', ...(isWhole ? [] : ['--faults', SOME])], limitMs);
      expect(status, said).toBe(0);
      expect(timesNone(said), said).toEqual([]);
    },
  );

  it.runIf(isWhole)(
    'nor does a server that may not be read logically any more, where no durable slot needs it to',
    {
      timeout: limitMs + MINUTE_MS,
    },
    async () => {
      const args = ['--each', '--mode', 'notify,temporary,auto', '--faults', 'wal_level'];
      const { status, said } = await runSoak(args, limitMs);
      expect(status, said).toBe(0);
      expect(timesNone(said, ''), said).toEqual([]);
    },
  );
});

/** The kinds that were never done, which would prove nothing. */
function timesNone(said: string, but = 'settings: wal_level lowered'): string[] {
  const rows = said.matchAll(/^\| ((?:network|process|server|settings|catalog): [^|]+?) \| 0 \|/gm);
  return [...rows].map(([, name = '']) => name).filter((name) => name !== but);
}
