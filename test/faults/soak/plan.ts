import type { Fault } from '../fault.js';
import { type Random, randomOf } from '../random.js';

/** A fault at its moment. */
export interface Injection {
  readonly fault: Fault;
  /** After the one before it in the same lane has been healed. */
  readonly afterMs: number;
  readonly holdMs: number;
  /** What the fault itself chooses. */
  readonly seed: number;
}

/** What is done to one process under test, or to the server that all share, one after the other. */
export interface Lane {
  /** `null`: to the server. */
  readonly world: number | null;
  readonly injections: readonly Injection[];
}

export interface RoundPlan {
  readonly lanes: readonly Lane[];
  /** Whether each fault is got over before the next: else they come in pairs. */
  readonly singly: boolean;
}

export interface Kinds {
  /** What can be done to one process and its network alone. */
  readonly own: readonly Fault[];
  /** What all feel. */
  readonly shared: readonly Fault[];
}

/** Shorter than what is noticed, and longer than the silence that is put up with. */
const SHORT_HOLD_MS = { from: 30, to: 600 };
const LONG_HOLD_MS = { from: 1_500, to: 3_500 };
const LONG_SHARE = 0.35;
const LONGEST_WAIT_MS = 1_200;

/** What happens in a round, by the run's seed: first faults singly, then in pairs. */
export function planRound(seed: number, round: number, worlds: number, kinds: Kinds): RoundPlan {
  const random = randomOf(seed * 7_919 + round);
  const singly = round % 2 === 1;
  // A round without one of the two sorts; singly, a server's fault would be every process's second one.
  const withShared = singly ? round % 4 === 1 : true;
  const withOwn = singly ? !withShared : true;
  const lanes: Lane[] = [];
  for (let world = 0; world < worlds && withOwn; world++) {
    lanes.push({ world, injections: injections(random, kinds.own) });
    if (!singly && random.fraction() < 0.3) lanes.push({ world, injections: injections(random, kinds.own) });
  }
  if (withShared) lanes.push({ world: null, injections: injections(random, kinds.shared) });
  return { lanes, singly };
}

function injections(random: Random, from: readonly Fault[]): Injection[] {
  const [first, ...others] = from;
  if (first === undefined) return [];
  return Array.from({ length: random.integer(2, 4) }, () => ({
    fault: random.pick([first, ...others]),
    afterMs: random.integer(100, LONGEST_WAIT_MS),
    holdMs: holdMs(random),
    seed: random.integer(0, 2 ** 31),
  }));
}

function holdMs(random: Random): number {
  const { from, to } = random.fraction() < LONG_SHARE ? LONG_HOLD_MS : SHORT_HOLD_MS;
  return random.integer(from, to);
}
