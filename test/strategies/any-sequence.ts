import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { type ChangeEvent, cache, type Operation, row, type Strategy } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { changeOf, HandMadeSource } from './hand-made-source.js';

const IDS = [0, 1, 2, 3];

type Step =
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'commit'; readonly changes: readonly { thing: number; operation: Operation }[] }
  | { readonly do: 'call' | 'invalidate'; readonly thing: number }
  | { readonly do: 'clear' | 'gap' | 'settle' };

const only = <T extends Step['do']>(...what: T[]) => fc.constantFrom(...what);
const thing = fc.constantFrom(...IDS);
const operation = fc.constantFrom<Operation>('insert', 'update', 'delete', 'update', 'truncate');
const changes = fc.array(fc.record({ thing, operation }), { maxLength: 3 });

/** Transactions, calls and pauses, with what else may happen to a cache. */
export const anySequence: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 4, arbitrary: fc.record({ do: only('pass'), ms: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 5, arbitrary: fc.record({ do: only('commit'), changes }) },
    { weight: 5, arbitrary: fc.record({ do: only('call'), thing }) },
    { weight: 1, arbitrary: fc.record({ do: only('invalidate'), thing }) },
    { weight: 2, arbitrary: fc.record({ do: only('clear', 'gap', 'settle', 'settle') }) },
  ),
  { maxLength: 40 },
);

/** A cache of things with room for all but one, and what is known of each value that it should have. */
export class Follower {
  /** When drops by changes took place. */
  readonly dropsAt: number[] = [];
  readonly #boundMs: number;
  readonly #counts: (change: ChangeEvent) => boolean;
  readonly #clock = new ManualClock();
  readonly #source = new HandMadeSource();
  /** Of the values that were loaded last: when a change first concerned them. */
  readonly #concernedAt = new Map<number, number | null>();
  readonly #things;
  #seen = { change: 0, evicted: 0 };

  constructor(strategy: Strategy, boundMs: number, counts: (change: ChangeEvent) => boolean) {
    this.#boundMs = boundMs;
    this.#counts = counts;
    const load = async (id: number) => void this.#concernedAt.set(id, null);
    this.#things = cache(load, {
      source: this.#source,
      strategy,
      clock: this.#clock,
      max: IDS.length - 1,
      dependsOn: (id) => [row('things', { id })],
    });
  }

  async follow(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#take(step);
      this.#check();
    }
    this.#things.close();
    assert.equal(this.#clock.timers, 0, 'a timer is left after close()');
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case 'pass':
        for (let i = 0; i < step.ms; i++) {
          this.#clock.advance(1);
          this.#check();
        }
        return;
      case 'commit':
        return this.#source.commit(...step.changes.map((each) => this.#make(each.thing, each.operation)));
      case 'call':
        return void this.#things(step.thing);
      case 'settle':
        return;
      case 'invalidate':
        this.#things.invalidate(step.thing);
        return void this.#concernedAt.delete(step.thing);
      case 'clear':
      case 'gap':
        if (step.do === 'clear') this.#things.clear();
        else this.#source.gap();
        this.#concernedAt.clear();
        assert.equal(this.#clock.timers, 0, `a timer is left after a ${step.do}`);
    }
  }

  #make(id: number, operation: Operation): ChangeEvent {
    const change = changeOf(id, operation);
    for (const [loaded, at] of this.#concernedAt) {
      const concerns = operation === 'truncate' || loaded === id;
      if (concerns && this.#counts(change)) this.#concernedAt.set(loaded, at ?? this.#clock.now());
    }
    return change;
  }

  #check(): void {
    const { change, evicted } = this.#things.statistics.invalidations;
    if (change > this.#seen.change) this.dropsAt.push(this.#clock.now());
    let mayMiss = evicted - this.#seen.evicted;
    this.#seen = { change, evicted };
    for (const [id, at] of this.#concernedAt) {
      if (this.#things.peek(id)) {
        assert(at === null || this.#clock.now() < at + this.#boundMs, `${id} is served after the bound`);
      } else {
        assert(at !== null || mayMiss-- > 0, `${id} was dropped, and no change has concerned it`);
        this.#concernedAt.delete(id);
      }
    }
  }
}
