import { describe, expect, inject, test, vi } from 'vitest';
import { serverVersion } from '../install/server-version.js';
import { ROUND_TRIPS, type RoundTrip, type Watching } from './lapses/round-trips.js';
import { openWorld, type World } from './lapses/world.js';

vi.setConfig({ testTimeout: 240_000 });

const version = await serverVersion(inject('serverUrl'));
const WATCHING: readonly Watching[] = [
  'triggers',
  'published by name',
  // PostgreSQL 15 and later.
  ...(version >= 150_000 ? (['published by schema'] as const) : []),
];
/** So many at once: each has a source, a slot and three connections. */
const AT_ONCE = 8;

/** Plays each to a world of its own, and returns what went wrong. */
async function play(
  watching: Watching,
  trips: readonly RoundTrip[],
  act: (world: World, trip: RoundTrip) => Promise<unknown>,
): Promise<string[]> {
  const faults: string[] = [];
  for (let i = 0; i < trips.length; i += AT_ONCE) {
    const batch = trips.slice(i, i + AT_ONCE);
    // A slot is made when no writer is open, anywhere: so all sources are live before the first one acts.
    const worlds = await Promise.all(batch.map(({ of }) => openWorld(of, watching)));
    const outcomes = await Promise.allSettled(
      batch.map(async (trip, n) => {
        const world = worlds[n];
        if (world === undefined) throw new Error('no world');
        await act(world, trip);
        await world.becomesRight();
      }),
    );
    await Promise.all(worlds.map((world) => world.end()));
    for (const [n, outcome] of outcomes.entries())
      if (outcome.status === 'rejected') faults.push(`${batch[n]?.away}: ${outcome.reason}`);
  }
  return faults;
}

describe.each(WATCHING)('DDL that is taken back, of tables that are watched by: %s', (watching) => {
  const trips = ROUND_TRIPS.filter(({ watchedBy }) => watchedBy.includes(watching));

  test('what was written in between is seen, each statement by itself', async () => {
    expect(await play(watching, trips, (world, trip) => world.separately(trip))).toEqual([]);
  });

  test('what was written in between is seen, all in one transaction', async () => {
    expect(await play(watching, trips, (world, trip) => world.together(trip))).toEqual([]);
  });

  test('what an open transaction wrote in between is seen when it has committed', async () => {
    const act = async (world: World, trip: RoundTrip) => {
      expect(await world.underAnOpenWriter(trip)).toBe(trip.waitsForWriters !== true);
    };
    expect(await play(watching, trips, act)).toEqual([]);
  });
});
