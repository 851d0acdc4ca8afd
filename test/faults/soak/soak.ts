import type { Span } from '../checker/record.js';
import type { Fault } from '../fault.js';
import { FaultLog } from './fault-log.js';
import { makeGround } from './ground.js';
import { judgeMemory } from './memory.js';
import type { SoakMode } from './modes.js';
import { planAlone, planRound } from './plan.js';
import { runRound } from './round.js';
import { watchStandingStill } from './standing-still.js';
import { Totals } from './totals.js';
import { Workload } from './workload.js';
import { World } from './world.js';

const GONE_WITHIN_MS = 5_000;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly firstRound: number;
  readonly modes: readonly SoakMode[];
  readonly faults: readonly Fault[];
  /** Each kind of fault alone, one a round, instead of what the seed chooses for so many minutes. */
  readonly each: boolean;
  readonly onProgress: (totals: Totals, log: FaultLog, workload: Workload) => void;
}

export interface SoakResult {
  readonly totals: Totals;
  readonly log: FaultLog;
  readonly workload: Workload;
  readonly minutes: number;
}

/** Round after round of faults, until the time is over or a promise was broken. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, seed, firstRound, modes, faults, each } = options;
  const began = Date.now();
  const isOwn = ({ name }: Fault) => /^(network|process)/.test(name);
  const kinds = { own: faults.filter(isOwn), shared: faults.filter((fault) => !isOwn(fault)) };
  const stoodStill: Span[] = [];
  const stopWatching = watchStandingStill((from, until) => stoodStill.push({ from, until }));
  const log = new FaultLog();
  const totals = new Totals();
  const ground = await makeGround();
  const worlds: World[] = [];
  const workload = new Workload(ground.url, seed);
  try {
    for (const mode of modes) worlds.push(await World.make(mode, ground.server, ground.url, workload, seed));
    const restedAt = new Map<World, number>();
    const isOver = (round: number) => (each ? round > faults.length : Date.now() - began >= minutes * 60_000);
    for (let round = firstRound; !isOver(round); round++) {
      const alone = each ? faults[round - 1] : undefined;
      const plan = alone
        ? planAlone(seed + round, alone, worlds.length, !isOwn(alone))
        : planRound(seed, round, worlds.length, kinds);
      totals.rounds++;
      await runRound({ round, plan, worlds, workload, ground, log, totals, stoodStill, restedAt });
      options.onProgress(totals, log, workload);
      if (totals.findings.length > 0) break;
    }
    totals.findings.push(...judgeMemory(totals.memory, totals.rounds));
    for (const { subject, mode } of worlds) {
      if (await subject.end(GONE_WITHIN_MS)) continue;
      const what = 'The process does not end by itself: a timer, a socket or a listener was left';
      totals.findings.push({ law: 'leaks', at: 0, what, mode, round: totals.rounds, around: [] });
    }
  } finally {
    stopWatching();
    await workload.close().catch(() => {});
    for (const world of worlds) await world.close();
    await ground.server.stop();
  }
  return { totals, log, workload, minutes: (Date.now() - began) / 60_000 };
}
