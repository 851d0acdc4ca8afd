import { describe, expect, it } from 'vitest';
import { judge } from './judge.js';
import type { PlacePromise, Promises } from './place.js';
import type { FaultRecord, Law, RowOperation, Span, SubjectEvent, Unwatching, Write } from './record.js';

// Records made by hand, good and bad: each law that is broken in one has to be found, and nothing else.
const item: PlacePromise = { scope: [{ row: 'items:1' }], boundMs: 0 };
const promises: Promises = new Map<string, PlacePromise>([
  ['item', item],
  ['timed', { ...item, boundMs: 250 }],
  ['revalidated', { ...item, staleWhileRevalidateMs: 200 }],
  ['served stale', { ...item, serveStaleForMs: 600 }],
  ['updates', { ...item, counts: new Set<RowOperation>(['update']) }],
  ['of customer 7', { scope: [{ row: 'orders:1', group: 7 }], boundMs: 0 }],
  ['left', { ...item, partner: 'right' }],
  ['right', { ...item, partner: 'left' }],
]);

const SILENCE_MS = 700;
/** As it is written twice: version 10, then version 20, known to have committed at 1000 and at 2000. */
const writes: readonly Write[] = [write(10, 1000), write(20, 2000)];

interface Made {
  readonly events: readonly SubjectEvent[];
  readonly writes?: readonly Write[];
  readonly faults?: readonly FaultRecord[];
  readonly stoodStill?: readonly Span[];
  readonly resumes?: boolean;
  readonly mode?: string;
}

function write(
  n: number,
  known: number,
  operation: RowOperation = 'update',
  row = 'items:1',
  group?: number,
) {
  const there = operation !== 'delete' && operation !== 'truncate';
  const rows = [{ row, operation, there, ...(group === undefined ? {} : { group }) }];
  return { n, begun: known - 10, sent: known - 5, known, rows };
}

function lawsBrokenBy({
  events,
  faults = [],
  stoodStill = [],
  resumes = false,
  mode = 'notify',
  ...rest
}: Made): Law[] {
  const subject = { mode, resumes, silenceLimitMs: SILENCE_MS, events };
  const record = { writes: rest.writes ?? writes, faults, stoodStill, subject, logTable: 'log' };
  return judge(record, promises).breaches.map(({ law }) => law);
}

function value(id: number, version: number, row = 'items:1'): SubjectEvent {
  return { is: 'value', at: 0, id, rows: version === 0 ? [] : [[row, version]] };
}

function read(at: number, id: number, more: Partial<SubjectEvent & { is: 'read' }> = {}): SubjectEvent {
  const call = { fresh: false, kept: true, state: 'live', ended: at, ...more } as const;
  return { is: 'read', at, place: 'item', value: id, ...call };
}

function look(at: number, kept: [string, number][], more: Partial<SubjectEvent & { is: 'look' }> = {}) {
  return { is: 'look', at, caughtUpTo: null, atRest: false, state: 'live', kept, ...more } as const;
}

function told(at: number, ...numbers: number[]): SubjectEvent {
  return { is: 'told', at, writes: numbers };
}

const cut = fault('network: cut', 1500, 1600, 2600);
const lost: readonly SubjectEvent[] = [
  { is: 'state', at: 1600, state: 'interrupted' },
  { is: 'gap', at: 2500, reason: 'reconnected' },
  { is: 'state', at: 2500, state: 'live' },
];

/** DDL from 1900 on, done at 1910; taken back at 5010, or at once. A check follows within 1,700 ms. */
function ddl(unwatches: Partial<Unwatching> = {}): FaultRecord {
  const all = {
    tables: ['items', 'log'],
    watchedBy: ['triggers'],
    atOnce: false,
    hides: true,
    ...unwatches,
  } as const;
  return fault('catalog: triggers disabled', 1900, 5000, 7000, all);
}
/** Its second write is made when the DDL of `ddl()` has been taken back, almost. */
const lateWrites = [write(10, 1000), write(20, 5005)];
const unwatchedGap = (at: number): SubjectEvent => ({ is: 'gap', at, reason: 'unwatched' });

describe('what is as promised is not complained of', () => {
  it.each<[string, Made]>([
    ['the current value', { events: [value(1, 20), read(2100, 1)] }],
    ['the value from before, on its way', { events: [value(1, 10), read(2500, 1)] }],
    ['the value from before, after a silence that is put up with', { events: [value(1, 10), read(3600, 1)] }],
    [
      'a value that another has told of at that very moment',
      { events: [value(1, 10), read(2001, 1), told(2002, 20)] },
    ],
    [
      'what a strategy keeps, until its time',
      { events: [value(1, 10), told(2010, 20), read(2250, 1, { place: 'timed' })] },
    ],
    [
      'what a strategy keeps, as its timer could not run',
      {
        events: [
          value(1, 10),
          told(2010, 20),
          { is: 'stood-still', at: 2700, from: 2100 },
          read(2701, 1, { place: 'timed' }),
        ],
      },
    ],
    [
      'a value while another is loaded',
      { events: [value(1, 10), told(2010, 20), read(2200, 1, { place: 'revalidated' })] },
    ],
    [
      'what is in memory, while the connection is lost',
      { events: [value(1, 10), read(2600, 1, { place: 'served stale', state: 'interrupted' })] },
    ],
    [
      'what no counted change has replaced',
      {
        writes: [write(10, 1000), write(20, 2000, 'delete')],
        events: [value(1, 10), read(9000, 1, { place: 'updates' })],
      },
    ],
    ['that there is none', { writes: [write(20, 2000, 'delete')], events: [value(1, 0), read(9000, 1)] }],
    [
      'a list that a row has left',
      {
        writes: [write(10, 1000, 'insert', 'orders:1', 7), write(20, 2000, 'update', 'orders:1', 8)],
        events: [value(1, 0), read(9000, 1, { place: 'of customer 7' })],
      },
    ],
    [
      'a gap for a lost connection',
      { faults: [cut], events: [...lost, { is: 'caught-up', asked: 2600, at: 2610 }] },
    ],
    [
      'what was told before it was asked for',
      { events: [told(1001, 10), told(2001, 20), { is: 'caught-up', asked: 2600, at: 2610 }] },
    ],
    [
      'both of two that belong together dropped',
      {
        events: [
          value(1, 10),
          value(2, 10),
          look(1500, [
            ['left', 1],
            ['right', 2],
          ]),
          look(2001, []),
        ],
      },
    ],
    [
      'a value, by the process that was stopped for long',
      { stoodStill: [{ from: 2100, until: 6000 }], events: [value(1, 10), read(6001, 1)] },
    ],
    [
      'what DDL has hidden, until the catalog check',
      {
        faults: [ddl()],
        events: [
          value(1, 10),
          told(2010, 20),
          look(3600, [['item', 1]], { caughtUpTo: 2500 }),
          unwatchedGap(3605),
        ],
      },
    ],
    [
      'what DDL has hidden, until the catalog check after it was taken back',
      { writes: lateWrites, faults: [ddl()], events: [value(1, 10), told(5006, 20), read(6700, 1)] },
    ],
    [
      'what DDL has hidden, as the catalog check could not run',
      {
        faults: [ddl()],
        events: [
          value(1, 10),
          told(2010, 20),
          { is: 'stood-still', at: 6000, from: 2100 },
          look(6001, [['item', 1]], { caughtUpTo: 2020 }),
        ],
      },
    ],
    [
      'what DDL has hidden while a session was opened, until its first catalog check',
      {
        writes: [write(10, 1000), write(20, 4100)],
        faults: [ddl()],
        events: [
          value(1, 10),
          { is: 'state', at: 1901, state: 'interrupted' },
          { is: 'gap', at: 4000, reason: 'reconnected' },
          { is: 'state', at: 4000, state: 'live' },
          told(4110, 20),
          read(5690, 1),
        ],
      },
    ],
    [
      'a commit that DDL has hidden, until there is a gap',
      {
        writes: lateWrites,
        faults: [ddl()],
        events: [
          told(1001, 10),
          { is: 'caught-up', asked: 6600, at: 6610 },
          unwatchedGap(6650),
          { is: 'caught-up', asked: 8000, at: 8010 },
        ],
      },
    ],
    [
      'a gap of a durable slot before the source is live, for DDL of long ago',
      {
        resumes: true,
        events: [{ is: 'opened', at: 500 }, unwatchedGap(600), live(600), told(1001, 10), told(2001, 20)],
      },
    ],
    [
      'DDL that a gap has followed in time, and another when it was taken back',
      { faults: [ddl()], events: [unwatchedGap(3600), look(3620, []), unwatchedGap(6700), look(6720, [])] },
    ],
    [
      'DDL without a gap, of which no change can be hidden',
      { faults: [ddl({ hides: false })], events: [look(3620, []), look(6720, [])] },
    ],
    [
      'one of two that belong together dropped, as the table of the other was not watched',
      {
        faults: [ddl()],
        events: [
          value(1, 10),
          value(2, 10),
          look(1500, [
            ['left', 1],
            ['right', 2],
          ]),
          look(2001, [['right', 2]]),
        ],
      },
    ],
  ])('%s', (_, made) => {
    expect(lawsBrokenBy({ resumes: false, ...made, events: [live(0), ...made.events] })).toEqual([]);
  });
});

describe('what is not as promised is found', () => {
  it.each<[Law, string, Made]>([
    [
      'read-your-writes',
      'the value from before, by fresh()',
      { events: [value(1, 10), read(2001, 1, { fresh: true })] },
    ],
    [
      'read-your-writes',
      'the value from before, after caughtUp()',
      { events: [value(1, 10), look(2010, [['item', 1]], { caughtUpTo: 2005 })] },
    ],
    [
      'staleness',
      'the value from before, after it was told',
      { events: [value(1, 10), told(2010, 20), read(2011, 1)] },
    ],
    ['staleness', 'the value from before, beyond the bound', { events: [value(1, 10), read(3800, 1)] }],
    [
      'staleness',
      'what a strategy keeps, beyond its time',
      { events: [value(1, 10), told(2010, 20), read(2350, 1, { place: 'timed' })] },
    ],
    [
      'staleness',
      'what a strategy keeps of the time when the connection was lost',
      {
        resumes: true,
        faults: [cut],
        events: [
          value(1, 10),
          { is: 'state', at: 1600, state: 'interrupted' },
          told(2490, 20),
          { is: 'state', at: 2500, state: 'live' },
          read(2501, 1, { place: 'timed' }),
        ],
      },
    ],
    [
      'staleness',
      'the value from before, while the source is not live',
      { events: [value(1, 10), read(2010, 1, { state: 'interrupted' })] },
    ],
    [
      'staleness',
      'what is in memory, for too long while the connection is lost',
      { events: [value(1, 10), read(4400, 1, { place: 'served stale', state: 'interrupted' })] },
    ],
    [
      'staleness',
      'the value from before, after a gap',
      { faults: [cut], events: [value(1, 10), ...lost, read(2501, 1)] },
    ],
    [
      'staleness',
      'a row that is gone',
      { writes: [write(10, 1000), write(20, 2000, 'delete')], events: [value(1, 10), read(9000, 1)] },
    ],
    [
      'staleness',
      'a list without a row that has come',
      {
        writes: [write(20, 2000, 'insert', 'orders:1', 7)],
        events: [value(1, 0), read(9000, 1, { place: 'of customer 7' })],
      },
    ],
    [
      'staleness',
      'what a counted change has replaced',
      { events: [value(1, 10), read(9000, 1, { place: 'updates' })] },
    ],
    ['committed', 'a version that was rolled back', { events: [value(1, 15), read(2100, 1)] }],
    ['committed', 'a version before its commit', { events: [value(1, 20), read(1990, 1)] }],
    [
      'order',
      'what was kept goes back',
      { events: [value(1, 20), value(2, 10), look(2001, [['item', 1]]), look(2002, [['item', 2]])] },
    ],
    [
      'at rest',
      'what is kept is not what there is',
      { events: [value(1, 10), look(2100, [['item', 1]], { atRest: true })] },
    ],
    [
      'atomicity',
      'one of two that belong together dropped',
      {
        events: [
          value(1, 10),
          value(2, 10),
          look(1500, [
            ['left', 1],
            ['right', 2],
          ]),
          look(2001, [['right', 2]]),
        ],
      },
    ],
    [
      'losses',
      'a commit that was never told',
      { events: [told(1001, 10), { is: 'caught-up', asked: 2600, at: 2610 }] },
    ],
    [
      'losses',
      'a commit that was told too late',
      { events: [told(1001, 10), { is: 'caught-up', asked: 2600, at: 2610 }, told(2700, 20)] },
    ],
    [
      'losses',
      'a commit after the gap that was never told',
      {
        writes: [...writes, write(30, 2700)],
        faults: [cut],
        events: [...lost, { is: 'caught-up', asked: 2800, at: 2810 }],
      },
    ],
    [
      'losses',
      'a commit while a durable slot was away',
      {
        resumes: true,
        faults: [cut],
        events: [
          told(1001, 10),
          { is: 'state', at: 1600, state: 'interrupted' },
          { is: 'state', at: 2500, state: 'live' },
          { is: 'caught-up', asked: 2600, at: 2610 },
        ],
      },
    ],
    ['gaps', 'a gap where nothing has happened', { events: [{ is: 'gap', at: 1500, reason: 'unreadable' }] }],
    [
      'gaps',
      'an interruption long after the fault',
      { faults: [{ ...cut, until: 1600 }], events: [{ is: 'state', at: 9000, state: 'interrupted' }] },
    ],
    [
      'gaps',
      'more gaps than interruptions',
      { faults: [cut], events: [...lost, { is: 'gap', at: 2510, reason: 'reconnected' }] },
    ],
    [
      'silence',
      'a source that is live though it can hear nothing',
      { faults: [fault('network: silent both ways', 3000, 6000, 6500)], events: [] },
    ],
    ['gaps', 'a gap of a durable slot that is there', { resumes: true, faults: [cut], events: lost }],
    [
      'gaps',
      'a durable slot that has lost something by itself',
      { resumes: true, faults: [cut], events: lost.map(lostBySlot) },
    ],
    [
      'read-your-writes',
      'what DDL has hidden, after the catalog check',
      {
        faults: [ddl({ hides: false })],
        events: [value(1, 10), look(3620, [['item', 1]], { caughtUpTo: 2500 })],
      },
    ],
    [
      'at rest',
      'what DDL has hidden, for good',
      {
        faults: [ddl({ hides: false })],
        events: [value(1, 10), look(8000, [['item', 1]], { atRest: true })],
      },
    ],
    [
      'staleness',
      'what is kept of a table that is known not to be watched',
      {
        writes: [write(10, 1000), write(20, 4000)],
        faults: [ddl()],
        events: [value(1, 10), told(4010, 20), read(4800, 1)],
      },
    ],
    [
      'staleness',
      'what DDL has hidden, after the gap for it',
      { faults: [ddl()], events: [value(1, 10), unwatchedGap(2500), read(2501, 1)] },
    ],
    [
      'staleness',
      'what was written after all of the DDL',
      { faults: [ddl({ atOnce: true })], events: [value(1, 10), told(2010, 20), read(2011, 1)] },
    ],
    [
      'staleness',
      'what was replaced by a change that DDL has hidden, and by one that it has not',
      {
        writes: [write(10, 1000), write(15, 1905), write(20, 2000)],
        faults: [ddl({ atOnce: true })],
        events: [value(1, 10), told(2010, 20), read(2011, 1)],
      },
    ],
    [
      'staleness',
      'what DDL on another table cannot have hidden',
      { faults: [ddl({ tables: ['orders'] })], events: [value(1, 10), told(2010, 20), read(2011, 1)] },
    ],
    [
      'staleness',
      'what DDL on triggers cannot hide from the stream',
      { mode: 'temporary', faults: [ddl()], events: [value(1, 10), told(2010, 20), read(2011, 1)] },
    ],
    [
      'gaps',
      'a gap of a source without a durable slot before it is live',
      { events: [{ is: 'opened', at: 500 }, unwatchedGap(600), live(600)] },
    ],
    [
      'gaps',
      'a gap of the stream for DDL on triggers',
      { mode: 'temporary', faults: [ddl()], events: [unwatchedGap(2500)] },
    ],
    [
      'losses',
      'a commit that DDL has hidden, without a gap after all',
      {
        writes: lateWrites,
        faults: [ddl()],
        events: [told(1001, 10), unwatchedGap(3000), { is: 'caught-up', asked: 6800, at: 6810 }],
      },
    ],
    [
      'losses',
      'DDL that no gap has followed',
      { faults: [ddl({ atOnce: true })], events: [look(3000, []), look(3620, [])] },
    ],
    [
      'losses',
      'DDL that was taken back without a gap',
      { faults: [ddl()], events: [unwatchedGap(2500), look(3620, []), look(6720, [])] },
    ],
    [
      'gaps',
      'no end of gaps',
      {
        faults: [cut],
        events: Array.from(
          { length: 7 },
          (_, i) => ({ is: 'gap', at: 1600 + i, reason: 'unwatched' }) as const,
        ),
      },
    ],
  ])('%s: %s', (law, _, made) => {
    expect(lawsBrokenBy({ ...made, events: [live(0), ...made.events] })).toContain(law);
    expect(new Set(lawsBrokenBy({ ...made, events: [live(0), ...made.events] }))).toEqual(new Set([law]));
  });
});

function fault(
  name: string,
  from: number,
  healed: number,
  until: number,
  unwatches?: Unwatching,
): FaultRecord {
  return { name, from, done: from + 10, healed, whole: healed + 10, until, unwatches };
}

function live(at: number): SubjectEvent {
  return { is: 'state', at, state: 'live' };
}

function lostBySlot(event: SubjectEvent): SubjectEvent {
  return event.is === 'gap' ? { ...event, reason: 'slot-lost' } : event;
}
