import { judge } from '../checker/judge.js';
import type { Breach, Law, Span, SubjectEvent, Write } from '../checker/record.js';
import { KINDS, promisesOf } from './caches.js';
import { now } from './clock.js';
import type { FaultLog } from './fault-log.js';
import type { Ground } from './ground.js';
import { inflict } from './inflict.js';
import { SILENCE_LIMIT_MS } from './modes.js';
import type { RoundPlan } from './plan.js';
import { surroundings } from './surroundings.js';
import { LOG_TABLE } from './tables.js';
import type { Totals } from './totals.js';
import type { Workload } from './workload.js';
import type { World } from './world.js';

const PROMISES = promisesOf(KINDS);
/** A breach tends to repeat itself. */
const MOST_FINDINGS = 5;
const CLOSED_WITHIN_MS = 5_000;

export interface RoundSurroundings {
  readonly round: number;
  readonly plan: RoundPlan;
  readonly worlds: readonly World[];
  readonly workload: Workload;
  readonly ground: Ground;
  readonly log: FaultLog;
  readonly totals: Totals;
  /** When this process stood still, since the round before. */
  readonly stoodStill: Span[];
  /** When each mode was last at rest. */
  readonly restedAt: Map<World, number>;
}

/** Sources are opened, faults come while there is writing and reading, all comes to rest, and is judged. */
export async function runRound(surrounding: RoundSurroundings): Promise<void> {
  const { plan, worlds, workload, log, ground } = surrounding;
  const { round } = surrounding;
  workload.start(round);
  const opened = await attempt(surrounding, 'recovery', worlds, (world) =>
    world.subject.ask({ do: 'open', round }),
  );
  for (const world of worlds) if (!surrounding.restedAt.has(world)) surrounding.restedAt.set(world, now());
  if (opened) {
    await attempt(surrounding, 'recovery', worlds, (world) => world.subject.ask({ do: 'read' }));
    await inflict(plan, worlds, log);
  }
  await workload.stop();
  const stoppedAt = now();
  await attempt(surrounding, 'recovery', worlds, (world) => world.subject.ask({ do: 'rest' }));
  await attempt(surrounding, 'leaks', worlds, (world) => world.subject.ask({ do: 'close' }));
  const writes = workload.take();
  for (const world of worlds) judgeWorld(surrounding, world, writes);
  for (const world of worlds) surrounding.restedAt.set(world, stoppedAt);
  for (const difference of await workload.differences())
    throw new Error(`What was recorded is not what was written: ${difference}`);
  await lookForLeaks(surrounding, ground);
  await measure(surrounding);
  log.forget(now());
  surrounding.stoodStill.length = 0;
}

function judgeWorld(
  { log, totals, round, ...rest }: RoundSurroundings,
  world: World,
  writes: readonly Write[],
) {
  const { worlds, stoodStill, restedAt, workload } = rest;
  const events = world.subject.takeEvents();
  const faults = log.of(worlds.indexOf(world));
  const { mode } = world;
  const subject = { mode, resumes: mode === 'durable', silenceLimitMs: SILENCE_LIMIT_MS, events };
  const since = restedAt.get(world) ?? 0;
  const verdict = judge(
    { writes, faults, stoodStill, subject, logTable: LOG_TABLE },
    PROMISES,
    since,
    workload.history,
  );
  totals.checked += verdict.sights;
  for (const [place, age] of verdict.ages) totals.age(mode, place, age);
  for (const e of events)
    if (process.env.DBG && (e.is === 'error' || e.is === 'state' || e.is === 'gap'))
      console.log(
        mode,
        JSON.stringify(e),
        faults.map((f) => [f.name, f.from, f.done, f.healed, f.whole].join(' ')).join(';'),
      ); // DBG
  for (const event of events) count(totals, event);
  for (const breach of verdict.breaches.slice(0, MOST_FINDINGS)) {
    totals.findings.push({ ...breach, mode, round, around: surroundings(breach, events, writes, faults) });
  }
}

function count(totals: Totals, event: SubjectEvent): void {
  if (event.is === 'read') totals.reads++;
  if (event.is === 'told') totals.told++;
  if (event.is === 'gap') totals.gaps++;
  if (event.is === 'state' && event.state === 'interrupted') totals.interruptions++;
}

/** What does not come about in time is a breach as well. */
async function attempt(
  { totals, round }: RoundSurroundings,
  law: Law,
  worlds: readonly World[],
  act: (world: World) => Promise<unknown>,
): Promise<boolean> {
  const outcomes = await Promise.allSettled(worlds.map(act));
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') continue;
    const breach: Breach = { law, at: now(), what: String(outcome.reason) };
    totals.findings.push({ ...breach, mode: worlds[i]?.mode ?? null, round, around: [] });
  }
  return outcomes.every(({ status }) => status === 'fulfilled');
}

async function lookForLeaks({ worlds, totals, round }: RoundSurroundings, ground: Ground): Promise<void> {
  const deadline = now() + CLOSED_WITHIN_MS;
  const found = (what: string, mode: World['mode'] | null) =>
    totals.findings.push({ law: 'leaks', at: now(), what, mode, round, around: [] });
  for (const world of worlds) {
    if (await world.isDisconnected(deadline - now())) continue;
    found(`${world.proxy.connections} connections are left of a source that was closed`, world.mode);
  }
  let left = await ground.leftovers();
  while (left.length > 0 && now() < deadline) left = await ground.leftovers();
  for (const each of left) found(`${each} is left on the server`, null);
}

async function measure({ worlds, totals }: RoundSurroundings): Promise<void> {
  for (const world of worlds) {
    const measures = await world.subject.ask({ do: 'measure' }).catch(() => null);
    if (measures) totals.memory.set(world.mode, [...(totals.memory.get(world.mode) ?? []), measures]);
  }
}
