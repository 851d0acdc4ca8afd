import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cache, type Operation, type Strategy, timed, windowed } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { changeOf, HandMadeSource } from './hand-made-source.js';

interface Event {
  readonly afterMs: number;
  readonly operation: Operation;
}

/** What PGCacheWatch's strategies answer to one event after the other: whether everything is to be dropped. */
const original = {
  windowed(window: readonly Operation[]) {
    const events: Operation[] = [];
    return ({ operation }: Event) => {
      events.push(operation);
      if (events.length > window.length) events.shift();
      return String(events) === String(window);
    };
  },
  timed(intervalMs: number) {
    let now = 0;
    let previous = now;
    return ({ afterMs }: Event) => {
      now += afterMs;
      if (now - previous < intervalMs) return false;
      previous = now;
      return true;
    };
  },
};

/** Tells the same events to a cache of ours, whose value is loaded again whenever it was dropped. */
function ours(strategy: Strategy): (event: Event) => boolean {
  const clock = new ManualClock();
  const source = new HandMadeSource();
  const cached = cache(async () => 1, { source, strategy, clock, max: 1 });
  return ({ afterMs, operation }) => {
    void cached();
    clock.advance(afterMs);
    if (!cached.peek()) throw new Error('dropped without an event');
    source.commit(changeOf(1, operation));
    return cached.peek() === undefined;
  };
}

const operation = fc.constantFrom<Operation>('insert', 'update', 'delete');
const events = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 8 }), operation }), { maxLength: 40 });

test('windowed by sequence alone drops by the same events as Windowed', () => {
  const windows = fc.array(operation, { minLength: 1, maxLength: 3 });
  const same = fc.property(windows, events, (window, told) => {
    expect(told.map(ours(windowed({ sequence: window })))).toEqual(told.map(original.windowed(window)));
  });
  fc.assert(same, { numRuns: 2_000 });
});

test('timed without trailing drops by the same events as Timed', () => {
  const same = fc.property(fc.integer({ min: 1, max: 20 }), events, (intervalMs, told) => {
    expect(told.map(ours(timed({ intervalMs, trailing: false })))).toEqual(
      told.map(original.timed(intervalMs)),
    );
  });
  fc.assert(same, { numRuns: 2_000 });
});

test('they answer what the tests of PGCacheWatch ask of Windowed and Timed', () => {
  const pattern: Operation[] = ['insert', 'update', 'delete'];
  const byWindow = ours(windowed({ sequence: pattern }));
  for (let i = 0; i < 10; i++) {
    expect(pattern.map((each) => byWindow({ afterMs: 1, operation: each }))).toEqual([false, false, true]);
  }
  for (let i = 0; i < 10; i++) expect(byWindow({ afterMs: 1, operation: 'insert' })).toBe(false);

  const byTime = ours(timed({ intervalMs: 50, trailing: false }));
  for (let i = 0; i < 5; i++) expect(byTime({ afterMs: 51, operation: 'insert' })).toBe(true);
  for (let i = 0; i < 5; i++) expect(byTime({ afterMs: 1, operation: 'insert' })).toBe(false);
});
