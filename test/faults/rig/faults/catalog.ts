import type { Client } from 'pg';
import type { Unwatching, WatchedBy } from '../../checker/record.js';
import type { Around, Fault, FaultWorld, Heal } from '../../fault.js';
import type { Random } from '../../random.js';
import { ALL_TABLES, PARTITION, PARTITION_BOUNDS } from '../../soak/tables.js';
import { outOfPublication, PUBLICATION_AGAIN, SILENT_FUNCTIONS } from './round-trip-sql.js';

type Tables = readonly [string, ...string[]];

/** DDL and its inverse, with writers at work in between. */
interface RoundTrip {
  readonly away: string;
  readonly back: string;
  /** A query for whether the first has been done, and the second has not. */
  readonly isAway: string;
}

const ANY: readonly WatchedBy[] = ['triggers', 'publication'];
/** Tables that several writers write to all the time. */
const BUSY: Tables = ['items', 'orders', 'pair_right'];
const EVERY: Tables = [...BUSY, ...ALL_TABLES];
const HIDDEN = 'hidden';
const ATTEMPTS = 20;
/** Postgres: lock_not_available, deadlock_detected. */
const LOCKED: ReadonlySet<unknown> = new Set(['55P03', '40P01']);

/**
 * Tables that are not watched for a time. What is written meanwhile is announced to nobody, and afterwards the catalog
 * says what it said before.
 */
export const catalogFaults: readonly Fault[] = [
  held('triggers disabled', ['triggers'], EVERY, (table) => ({
    away: `alter table ${table} disable trigger all`,
    back: `alter table ${table} enable trigger all`,
    isAway: `select from pg_trigger where tgrelid = '${table}'::regclass and tgenabled = 'D'`,
  })),
  around('triggers disabled', ['triggers'], BUSY, (table) => ({
    away: `alter table ${table} disable trigger all`,
    back: `alter table ${table} enable trigger all`,
  })),
  around('trigger functions silent', ['triggers'], BUSY, () => SILENT_FUNCTIONS),
  held('table out of the publication', ['publication'], EVERY, outOfPublication),
  around('table out of the publication', ['publication'], BUSY, outOfPublication),
  {
    name: 'catalog: table out of the publication while a writer is open',
    unwatches: (random) => ({
      tables: [random.pick(BUSY)],
      watchedBy: ['publication'],
      atOnce: false,
      hides: true,
    }),
    inject: (world, random) => leaveOpen(world, random.pick(BUSY)),
  },
  heldForAll('fewer operations published', ['publication'], {
    away: `alter publication pgcachewatch set (publish = 'insert')`,
    back: `alter publication pgcachewatch set (publish = 'insert, update, delete, truncate')`,
    isAway: `select from pg_publication where pubname = 'pgcachewatch' and not pubupdate`,
  }),
  heldForAll('publication dropped', ['publication'], PUBLICATION_AGAIN),
  held('table renamed, a view in its place', ANY, BUSY, (table) => ({
    away: `alter table ${table} rename to ${HIDDEN}; create view ${table} as select * from ${HIDDEN}`,
    back: `drop view ${table}; alter table ${HIDDEN} rename to ${table}`,
    isAway: `select where to_regclass('${HIDDEN}') is not null`,
  })),
  around(
    'table renamed',
    ANY,
    BUSY,
    (table) => ({
      calledMeanwhile: HIDDEN,
      away: `alter table ${table} rename to ${HIDDEN}`,
      back: `alter table ${HIDDEN} rename to ${table}`,
    }),
    // Where a change names its table by oid, it is announced all the same.
    false,
  ),
  held('table in another schema, a view in its place', ANY, BUSY, (table) => ({
    away: `
      create schema ${HIDDEN};
      alter table ${table} set schema ${HIDDEN};
      create view public.${table} as select * from ${HIDDEN}.${table}`,
    back: `
      drop view public.${table};
      alter table ${HIDDEN}.${table} set schema public;
      drop schema ${HIDDEN}`,
    isAway: `select where to_regnamespace('${HIDDEN}') is not null`,
  })),
  around('partition detached', ANY, ['pair_left'], (table) => ({
    calledMeanwhile: PARTITION,
    away: `alter table ${table} detach partition ${PARTITION}`,
    back: `alter table ${table} attach partition ${PARTITION} ${PARTITION_BOUNDS}`,
  })),
  // A change tells of the key 3.00, where rows have had 3 before, and will have.
  around('type changed', ANY, ['items', 'orders'], (table) => ({
    away: `alter table ${table} alter column id type numeric(9, 2)`,
    back: `alter table ${table} alter column id type int`,
  })),
  {
    name: 'catalog: replica identity changed',
    // The old values of a row are not told meanwhile, but each of its changes is.
    unwatches: () => ({ tables: [], watchedBy: ANY, atOnce: false, hides: false }),
    inject: (world) =>
      goAway(world, {
        away: 'alter table orders replica identity default',
        back: 'alter table orders replica identity full',
        isAway: `select from pg_class where oid = 'orders'::regclass and relreplident = 'd'`,
      }),
  },
];

/** Away for as long as the plan says. */
function held(
  what: string,
  watchedBy: readonly WatchedBy[],
  tables: Tables,
  tripOf: (table: string) => RoundTrip,
): Fault {
  return {
    name: `catalog: ${what}`,
    unwatches: (random) => ({ tables: [random.pick(tables)], watchedBy, atOnce: false, hides: true }),
    inject: (world, random) => goAway(world, tripOf(random.pick(tables))),
  };
}

function heldForAll(what: string, watchedBy: readonly WatchedBy[], trip: RoundTrip): Fault {
  return {
    name: `catalog: ${what}`,
    unwatches: () => ({ tables: ALL_TABLES, watchedBy, atOnce: false, hides: true }),
    inject: (world) => goAway(world, trip),
  };
}

/** Away and back in the transaction of a writer, around what that writes. */
function around(
  what: string,
  watchedBy: readonly WatchedBy[],
  tables: Tables,
  tripOf: (table: string) => Omit<Around, 'table'>,
  hides = true,
): Fault {
  const pick = (random: Random): string => random.pick(tables);
  return {
    name: `catalog: ${what} around a write`,
    unwatches: (random): Unwatching => ({ tables: [pick(random)], watchedBy, atOnce: true, hides }),
    async inject(world, random) {
      const table = pick(random);
      await world.writeAround({ table, ...tripOf(table) });
      return async () => {};
    },
  };
}

async function goAway(world: FaultWorld, { away, back, isAway }: RoundTrip): Promise<Heal> {
  const comeBack = () =>
    patiently(world, async (client) => {
      if ((await client.query(isAway)).rowCount === 1) await client.query(back);
    });
  try {
    await patiently(world, (client) => client.query(away));
  } catch (error) {
    // The answer may have been lost, and not the statement.
    await comeBack();
    throw error;
  }
  return comeBack;
}

/** A writer writes to the table while that is not published, and commits when it has been published again for a time. */
async function leaveOpen(world: FaultWorld, table: string): Promise<Heal> {
  const comeBack = await goAway(world, outOfPublication(table));
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let committed: Promise<void> = Promise.resolve();
  const opened = new Promise<void>((resolve, reject) => {
    const beforeCommit = () => {
      resolve();
      return released;
    };
    committed = world.writeAround({ table, beforeCommit });
    committed.catch(reject);
  });
  try {
    await opened;
  } finally {
    await comeBack();
  }
  return async () => {
    release();
    await committed;
  };
}

/** Writers hold the locks that it needs, for a moment each. */
async function patiently(world: FaultWorld, act: (client: Client) => Promise<unknown>): Promise<void> {
  const client = await world.admin();
  try {
    await client.query("set lock_timeout = '500ms'");
    for (let attempt = 1; ; attempt++) {
      try {
        await act(client);
        return;
      } catch (error) {
        const isLocked = error instanceof Error && 'code' in error && LOCKED.has(error.code);
        if (!isLocked || attempt === ATTEMPTS) throw error;
      }
    }
  } finally {
    await client.end();
  }
}
