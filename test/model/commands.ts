import fc from 'fast-check';
import { CACHES, type CacheUnderTest } from './caches.js';
import type { LoadPlan, Pace } from './loads.js';
import type { Write } from './shop-state.js';

export type Interruption = 'cut' | 'terminate' | 'silence';

/**
 * One step of a program. `at` picks one of what there is at the time, modulo how many there are; -1: the last.
 */
export type Command =
  | { readonly kind: 'write'; readonly write: Write }
  /** A write that this value depends on. */
  | { readonly kind: 'touch'; readonly at: number }
  /** A commit that is in the WAL for a while before any query can see it. */
  | { readonly kind: 'write slowly'; readonly write: Write; readonly reads: readonly number[] }
  | {
      readonly kind: 'transaction';
      readonly writes: readonly Write[];
      readonly commits: boolean;
      /** Reads through `uncached`, on the connection of the transaction. */
      readonly within: readonly number[];
      /** Reads of anyone else, before its end. */
      readonly beside: readonly number[];
    }
  | { readonly kind: 'read'; readonly at: number; readonly plan: LoadPlan }
  | { readonly kind: 'fresh'; readonly at: number }
  | { readonly kind: 'open'; readonly at: number }
  | { readonly kind: 'invalidate'; readonly at: number }
  | { readonly kind: 'clear'; readonly at: number }
  | { readonly kind: 'caught up' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'interrupt'; readonly how: Interruption };

/** Caches, and what happens to them. */
export interface Program {
  readonly caches: readonly CacheUnderTest[];
  readonly commands: readonly Command[];
}

/** Those that have the most ways to go wrong. */
const LATE = CACHES.filter(({ tells }) => tells);
// Most of what happens is to happen to the same few: else hardly anything meets.
const id = fc.constantFrom(1, 1, 2);
const at = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat({ max: 11 }) });
const customer = fc.constantFrom(1, 1, 2, null);

/** A TRUNCATE keeps readers out until its transaction ends: it is not for those that are read beside. */
const rowWrite: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put order'), id, customer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move order'), id, customer }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename order'), id, to: id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete order'), id }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put stock'), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete stock'), id }) },
);
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 12, arbitrary: rowWrite },
  { weight: 1, arbitrary: fc.constant<Write>({ kind: 'truncate orders' }) },
);

const plan: fc.Arbitrary<LoadPlan> = fc.record({
  pace: fc.oneof(
    { weight: 6, arbitrary: fc.constant<Pace>('quick') },
    { weight: 4, arbitrary: fc.constant<Pace>('slow') },
    { weight: 1, arbitrary: fc.constant<Pace>('slow to read') },
  ),
  fails: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});
const fewReads = fc.array(at, { maxLength: 2 });

const quick: LoadPlan = { pace: 'quick', fails: false };
const CAUGHT_UP: Command = { kind: 'caught up' };

/** What happens to one value, as commands. */
type Step = 'read' | 'touch' | 'invalidate' | 'told';

function commandsOf(step: Step, at: number): Command[] {
  switch (step) {
    case 'read':
      return [{ kind: 'read', at, plan: quick }];
    case 'told':
      return [{ kind: 'touch', at }, CAUGHT_UP];
    default:
      return [{ kind: step, at }];
  }
}

/** A load, and what comes before it is over. */
const whileLoading: fc.Arbitrary<Command[]> = fc
  .record({
    at,
    fails: fc.boolean(),
    isMissing: fc.boolean(),
    steps: fc.array(fc.constantFrom<Step>('told', 'told', 'read', 'read', 'invalidate', 'touch'), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map(({ at, fails, isMissing, steps }) => [
    ...(isMissing ? commandsOf('invalidate', at) : []),
    { kind: 'read', at, plan: { pace: 'slow', fails } },
    ...steps.flatMap((step) => commandsOf(step, at)),
    { kind: 'open', at: -1 },
  ]);

/** Values of before a change and of after it, where a strategy may hold the change back. */
const whileDeferred: fc.Arbitrary<Command[]> = fc
  .record({
    at,
    other: at,
    step: fc.constantFrom('fresh', 'invalidate', 'caught up'),
    ms: fc.constantFrom(40, 200),
  })
  .map(({ at, other, step, ms }) => [
    ...commandsOf('read', at),
    ...commandsOf('told', at),
    step === 'caught up' ? CAUGHT_UP : { kind: step, at },
    ...commandsOf('read', other),
    { kind: 'pass', ms },
    ...commandsOf('read', at),
  ]);

/** What was cached before the source lost its connection, and what is asked for before it is back. */
const whileAway: fc.Arbitrary<Command[]> = fc
  .record({
    at,
    how: fc.constantFrom<Interruption>('cut', 'terminate'),
    ms: fc.constantFrom(0, 200),
  })
  .map(({ at, how, ms }) => [
    ...commandsOf('read', at),
    { kind: 'interrupt', how },
    ...commandsOf('touch', at),
    { kind: 'pass', ms },
    ...commandsOf('read', at),
  ]);

/** @param visibleLate whether the server can hold a commit back that is in the WAL already */
export function programs({ visibleLate }: { readonly visibleLate: boolean }): fc.Arbitrary<Program> {
  const command = fc.oneof<fc.MaybeWeightedArbitrary<Command>[]>(
    { weight: 10, arbitrary: fc.record({ kind: fc.constant('read'), at, plan }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write'), write }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('caught up') }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('open'), at }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fresh'), at }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('transaction'),
        writes: fc.array(rowWrite, { minLength: 1, maxLength: 3 }),
        commits: fc.boolean(),
        within: fewReads,
        beside: fewReads,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(40, 100, 200) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('invalidate'), at }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear'), at }) },
    {
      weight: visibleLate ? 1 : 0,
      arbitrary: fc.record({ kind: fc.constant('write slowly'), write: rowWrite, reads: fewReads }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('interrupt'),
        how: fc.constantFrom<Interruption>('cut', 'terminate', 'silence'),
      }),
    },
  );
  return fc.record({
    caches: fc.uniqueArray(fc.constantFrom(...CACHES, ...LATE, ...LATE), {
      selector: ({ name }) => name,
      minLength: 1,
      maxLength: 3,
    }),
    commands: fc
      .array(
        fc.oneof(
          { weight: 12, arbitrary: command.map((one) => [one]) },
          { weight: 3, arbitrary: whileLoading },
          { weight: 2, arbitrary: whileDeferred },
          { weight: 1, arbitrary: whileAway },
        ),
        { minLength: 1, maxLength: 16, size: 'max' },
      )
      .map((parts) => parts.flat()),
  });
}
