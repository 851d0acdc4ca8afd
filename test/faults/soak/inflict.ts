import { setTimeout as delay } from 'node:timers/promises';
import { DELIVERY_MS } from '../checker/allowances.js';
import { randomOf } from '../random.js';
import { now } from './clock.js';
import type { FaultLog } from './fault-log.js';
import { SILENCE_LIMIT_MS } from './modes.js';
import type { Injection, RoundPlan } from './plan.js';
import type { World } from './world.js';

const HEAL_ATTEMPTS = 40;
const HEAL_PAUSE_MS = 250;
/** How long a process may take to be live again once what was broken is whole. */
const RECOVERY_MS = 60_000;

/** Carries out a round's plan. Resolves when all is healed and every process that was hurt is live again. */
export async function inflict(plan: RoundPlan, worlds: readonly World[], log: FaultLog): Promise<void> {
  const recoveries: Promise<void>[] = [];
  await Promise.all(
    plan.lanes.map(async ({ world, injections }) => {
      for (const injection of injections) {
        await delay(injection.afterMs);
        const recovered = await inflictOne(injection, world, worlds, log);
        if (plan.singly) await recovered();
        else recoveries.push(recovered());
      }
    }),
  );
  await Promise.all(recoveries);
}

/** Resolves, when it is healed, to what waits until the processes have recovered. */
async function inflictOne(
  { fault, holdMs, seed }: Injection,
  index: number | null,
  worlds: readonly World[],
  log: FaultLog,
): Promise<() => Promise<void>> {
  const world = worlds[index ?? 0];
  if (world === undefined) return async () => {};
  const obstacle = await fault.impossible?.(world).catch(String);
  if (obstacle) {
    log.notDone(fault.name);
    return async () => {};
  }
  const entry = log.begin(fault.name, index, now(), fault.unwatches?.(randomOf(seed)));
  try {
    const heal = await fault.inject(world, randomOf(seed));
    entry.done = now();
    log.count(fault.name);
    await delay(holdMs);
    entry.healed = now();
    await repeatedly(heal);
  } catch {
    // Another fault has taken from it what it needs, such as the server. What it has begun must not stay.
    log.notDone(fault.name);
    world.heal();
    entry.healed = now();
    entry.done = Math.min(entry.done, entry.healed);
    // It may have been done for a moment, or not at all.
    if (entry.unwatches) entry.unwatches = { ...entry.unwatches, hides: false };
  }
  entry.whole = now();
  const hurt = index === null ? worlds : [world];
  return async () => {
    // DDL is noticed at the next catalog check; what comes after that has no excuse in it.
    if (entry.unwatches) await delay(SILENCE_LIMIT_MS + 2 * DELIVERY_MS);
    await Promise.all(hurt.map((each) => each.subject.untilLive(RECOVERY_MS)));
    entry.until = now();
  };
}

async function repeatedly(heal: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await heal();
    } catch (error) {
      if (attempt === HEAL_ATTEMPTS) throw error;
      await delay(HEAL_PAUSE_MS);
    }
  }
}
