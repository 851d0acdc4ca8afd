import { merged } from './allowances.js';
import { judgeAtomicity } from './atomicity.js';
import { judgeGaps } from './gaps.js';
import { History } from './history.js';
import { KeptOrder } from './kept-order.js';
import { judgeLosses } from './losses.js';
import type { Promises } from './place.js';
import type { Breach, RunRecord, SeenRow, Span, SubjectEvent } from './record.js';
import { judgeSilence } from './silence.js';
import { type Age, judgeSight, type Sight, type Telling } from './staleness.js';
import { concerns, Unwatched } from './unwatched.js';

export interface Verdict {
  readonly breaches: readonly Breach[];
  /** How many values were held against the laws. */
  readonly sights: number;
  /** For each place, the age that came nearest to its bound. */
  readonly ages: ReadonlyMap<string, Age>;
}

/**
 * Decides from the record alone whether every promise was kept.
 *
 * @param since when the process was last at rest: everything committed before that had been told by then
 */
export function judge(
  record: RunRecord,
  promises: Promises,
  since = Number.NEGATIVE_INFINITY,
  history = new History(record.writes),
): Verdict {
  const { subject } = record;
  const { events, silenceLimitMs } = subject;
  const faults = record.faults.filter((fault) => concerns(fault, subject.mode));
  const breaches: Breach[] = [];
  const values = new Map<number, readonly SeenRow[]>();
  const ages = new Map<string, Age>();
  const order = new KeptOrder(history);
  const told = new Map<number, Telling>();
  let isLive = false;
  const gaps: number[] = [];
  const stoodStill: Span[] = [];
  let sights = 0;

  for (const event of events) collect(event);
  const anyStoodStill = merged(stoodStill, record.stoodStill);
  const unwatched = new Unwatched(faults, subject, anyStoodStill);
  const circumstances = { silenceLimitMs, faults, anyStoodStill, unwatched };
  for (const event of events) {
    if (event.is === 'read') {
      const { at, ended, place, state, fresh, kept } = event;
      const seen = { place, at, ended, state, notOlderThan: fresh ? at : null, atRest: false };
      see(seen, event.value, kept);
    }
    if (event.is !== 'look') continue;
    const { at, state, caughtUpTo, atRest } = event;
    for (const [place, value] of event.kept) {
      const isGreedy = promises.get(place)?.boundMs === 0 && !promises.get(place)?.staleWhileRevalidateMs;
      const notOlderThan = isGreedy ? caughtUpTo : null;
      see({ place, at, ended: at, state, notOlderThan, atRest }, value, true);
    }
  }
  breaches.push(...judgeAtomicity(events, promises, unwatched));
  breaches.push(...judgeLosses(record, since, unwatched));
  breaches.push(...judgeGaps(subject, faults, anyStoodStill));
  breaches.push(...unwatched.judgeGaps());
  breaches.push(...judgeSilence(subject, faults, stoodStill));
  return { breaches: breaches.sort((a, b) => a.at - b.at), sights, ages };

  function collect(event: SubjectEvent): void {
    if (event.is === 'value') values.set(event.id, event.rows);
    if (event.is === 'gap') gaps.push(event.at);
    if (event.is === 'stood-still') stoodStill.push({ from: event.from, until: event.at });
    if (event.is === 'state') isLive = event.state === 'live';
    if (event.is !== 'told') return;
    for (const n of event.writes) if (!told.has(n)) told.set(n, { at: event.at, whileLive: isLive });
  }

  function see(sight: Omit<Sight, 'rows'>, value: number, kept: boolean): void {
    const promise = promises.get(sight.place);
    const rows = values.get(value);
    if (promise === undefined || rows === undefined)
      throw new Error(`The record has no ${promise ? `value ${value}` : sight.place}`);
    sights++;
    const lastGap = gaps.findLast((at) => at < sight.at) ?? null;
    const onAge = (age: Age) => {
      const worst = ages.get(sight.place);
      if (worst === undefined || age.ageMs / age.boundMs > worst.ageMs / worst.boundMs)
        ages.set(sight.place, age);
    };
    breaches.push(
      ...judgeSight(
        { ...sight, rows },
        promise,
        history,
        { told, lastGap, stoodStill },
        circumstances,
        onAge,
      ),
    );
    if (kept) breaches.push(...order.look(sight.place, promise, rows, sight.at));
  }
}
