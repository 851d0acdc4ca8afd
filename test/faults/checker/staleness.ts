import type { SourceState } from '../../../src/index.js';
import { DELIVERY_MS, overlapMs, TIMER_MS, wasDelayed } from './allowances.js';
import type { History, RowScope, RowState } from './history.js';
import type { PlacePromise } from './place.js';
import type { Breach, FaultRecord, Law, SeenRow, Span } from './record.js';
import { tableOf, type Unwatched } from './unwatched.js';

/** A value that somebody was given, or could have been. */
export interface Sight {
  readonly place: string;
  /** When it was asked for. */
  readonly at: number;
  /** When it was there. */
  readonly ended: number;
  readonly state: SourceState;
  readonly rows: readonly SeenRow[];
  /** What was known to have committed by then must be in it. */
  readonly notOlderThan: number | null;
  readonly atRest: boolean;
}

/** When a write was told, and whether the source was live by then: else no strategy may wait with it. */
export interface Telling {
  readonly at: number;
  readonly whileLive: boolean;
}

/** What the process knew at the time. */
export interface Known {
  readonly told: ReadonlyMap<number, Telling>;
  readonly lastGap: number | null;
  readonly stoodStill: readonly Span[];
}

export interface Circumstances {
  readonly silenceLimitMs: number;
  readonly faults: readonly FaultRecord[];
  /** When the process, or the one that holds writers and proxies, stood still. */
  readonly anyStoodStill: readonly Span[];
  readonly unwatched: Unwatched;
}

/** How old what was served has been, and how old it might have been. */
export interface Age {
  readonly ageMs: number;
  readonly boundMs: number;
}

/** Holds one value against what has been committed and told by then. */
export function judgeSight(
  sight: Sight,
  promise: PlacePromise,
  history: History,
  known: Known,
  circumstances: Circumstances,
  onAge: (age: Age) => void = () => {},
): Breach[] {
  const breaches: Breach[] = [];
  for (const [scope, version] of rowsOf(sight, promise)) {
    const index = history.lastSeenAs(scope, version, sight.ended);
    if (index === -1) {
      const what = `${sight.place} has ${scope.row} as of ${version}, which was never committed by then`;
      breaches.push({ law: 'committed', at: sight.at, what });
      continue;
    }
    // The first is the one that is longest overdue, unless it is one that DDL may have hidden.
    for (const newer of superseding(history.of(scope.row), index, promise)) {
      const isHidden = mayBeHidden(sight, promise, newer, circumstances);
      const wrong = overdue(sight, promise, newer, known, circumstances, isHidden);
      if (wrong)
        breaches.push({ law: wrong.law, at: sight.at, what: sentence(sight, version, newer, wrong.why) });
      if (isHidden && !wrong) continue;
      const ageMs = sight.at - newer.write.known;
      if (ageMs > 0 && !wrong) onAge({ ageMs, boundMs: boundMs(sight, promise, newer, circumstances) });
      break;
    }
  }
  return breaches;
}

/** Each row that the value shows, and those that it shows by their absence. */
export function rowsOf(
  { rows }: Pick<Sight, 'rows'>,
  { scope }: PlacePromise,
): readonly (readonly [RowScope, number])[] {
  const seen = new Map<string, number>(rows);
  const expected = new Set(scope.map(({ row }) => row));
  return [
    ...scope.map((each) => [each, seen.get(each.row) ?? 0] as const),
    ...rows.filter(([row]) => !expected.has(row)).map(([row, version]) => [{ row }, version] as const),
  ];
}

function* superseding(states: readonly RowState[], index: number, { counts }: PlacePromise) {
  for (let i = index + 1; i < states.length; i++) {
    const state = states[i];
    if (state && (counts === undefined || counts.has(state.operation))) yield state;
  }
}

function mayBeHidden(
  sight: Sight,
  promise: PlacePromise,
  state: RowState,
  { unwatched }: Circumstances,
): boolean {
  const extraMs =
    (promise.staleWhileRevalidateMs ?? 0) +
    (servesStale(sight, promise) ? (promise.serveStaleForMs ?? 0) : 0);
  return unwatched.excusesKeeping(tableOf(state), state.write, sight.at, extraMs);
}

function overdue(
  sight: Sight,
  promise: PlacePromise,
  { write }: RowState,
  known: Known,
  circumstances: Circumstances,
  isHidden: boolean,
): { law: Law; why: string } | null {
  const { at, notOlderThan } = sight;
  if (!isHidden && sight.atRest && write.known <= at)
    return { law: 'at rest', why: 'though nothing was written since' };
  if (!isHidden && notOlderThan !== null && write.known <= notOlderThan)
    return { law: 'read-your-writes', why: 'though it was caught up with that' };
  if (sight.state !== 'live' && !servesStale(sight, promise))
    return write.known < at ? { law: 'staleness', why: `though the source was ${sight.state}` } : null;
  const told = known.told.get(write.n);
  const strategyMs = told?.whileLive ? promise.boundMs : 0;
  const toldBoundMs = strategyMs + (promise.staleWhileRevalidateMs ?? 0);
  if (told !== undefined && !isHidden && sight.state === 'live') {
    const lateMs = toldBoundMs > 0 ? TIMER_MS + overlapMs(known.stoodStill, told.at, at) : 0;
    if (at - told.at > toldBoundMs + lateMs)
      return { law: 'staleness', why: `though it was told ${ms(at - told.at)} before` };
  }
  const { lastGap } = known;
  if (lastGap !== null && sight.state === 'live' && lastGap < at && write.known < lastGap) {
    if (at - lastGap > (promise.staleWhileRevalidateMs ?? 0))
      return { law: 'staleness', why: `though a gap was told ${ms(at - lastGap)} before` };
  }
  const allowedMs = boundMs(sight, promise, { write }, circumstances);
  if (isHidden || at - write.known <= allowedMs) return null;
  return { law: 'staleness', why: `which is beyond its bound of ${ms(allowedMs)}` };
}

/** From the commit on: the change's way, the silence of a connection that is lost, and the strategy's own. */
function boundMs(
  sight: Sight,
  promise: PlacePromise,
  { write }: Pick<RowState, 'write'>,
  { silenceLimitMs, faults, anyStoodStill }: Circumstances,
): number {
  const { at } = sight;
  const own = promise.boundMs + (promise.staleWhileRevalidateMs ?? 0);
  const interrupted = servesStale(sight, promise) ? (promise.serveStaleForMs ?? 0) : 0;
  const still = overlapMs(anyStoodStill, write.known, at);
  const delayed = wasDelayed(faults, write.known, at) ? silenceLimitMs : 0;
  return own + interrupted + silenceLimitMs + DELIVERY_MS + still + delayed;
}

function servesStale({ state }: Sight, { serveStaleForMs = 0 }: PlacePromise): boolean {
  return state === 'interrupted' && serveStaleForMs > 0;
}

function sentence({ place, at }: Sight, version: number, { row, write }: RowState, why: string): string {
  const age = ms(at - write.known);
  return `${place} has ${row} as of ${version}, ${age} after ${write.n} had replaced it, ${why}`;
}

function ms(duration: number): string {
  return `${Math.round(duration * 10) / 10} ms`;
}
