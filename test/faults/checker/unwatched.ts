import { DELIVERY_MS, overlapMs, wasDelayed } from './allowances.js';
import type {
  Breach,
  FaultRecord,
  Span,
  SubjectEvent,
  SubjectRecord,
  Unwatching,
  WatchedBy,
  Write,
} from './record.js';

/** Questions to the server that make a catalog check, one after the other; another check may be under way. */
const QUESTIONS = 2 * 10;
/** The longest that a slow network takes for a question and its answer. */
const SLOW_ROUND_TRIP_MS = 400;

type StateEvent = SubjectEvent & { readonly is: 'state' };

const BY: Readonly<Record<string, readonly WatchedBy[]>> = {
  notify: ['triggers'],
  temporary: ['publication'],
  durable: ['publication'],
};

/** Whether a fault can be felt by a source of that mode. (`auto` is one or the other.) */
export function concerns({ unwatches }: FaultRecord, mode: string): boolean {
  const by = BY[mode];
  return !unwatches || !by || unwatches.watchedBy.some((each) => by.includes(each));
}

/** The table that a row is of. */
export function tableOf({ row }: { readonly row: string }): string {
  return row.slice(0, row.lastIndexOf(':'));
}

/**
 * What DDL excuses. It is noticed at the next catalog check, which runs every `silenceLimitMs`: until then, what is
 * written to its tables may go unannounced. From then on their values are loaded every time, until they are watched
 * again, which is noticed at the next check, too.
 */
export class Unwatched {
  readonly #faults: readonly FaultRecord[];
  readonly #silenceLimitMs: number;
  readonly #mode: string;
  readonly #events: readonly SubjectEvent[];
  readonly #states: readonly StateEvent[];
  readonly #stoodStill: readonly Span[];

  /** @param faults those that concern the subject's mode */
  constructor(faults: readonly FaultRecord[], subject: SubjectRecord, stoodStill: readonly Span[]) {
    this.#faults = faults;
    this.#silenceLimitMs = subject.silenceLimitMs;
    this.#mode = subject.mode;
    this.#events = subject.events;
    this.#states = subject.events.filter((event) => event.is === 'state');
    this.#stoodStill = stoodStill;
  }

  /** Whether what a write has replaced may still be kept. */
  excusesKeeping(table: string, write: Write, at: number, extraMs = 0): boolean {
    return this.#of(table).some((fault) => mayHide(fault, write) && this.#isUnnoticed(fault, at, extraMs));
  }

  /** Whether what belongs together may have been dropped one by one. */
  excusesDropping(table: string, at: number): boolean {
    return this.#of(table).some((fault) => this.#isUnnoticed(fault, at, 0));
  }

  /** Whether a write may have been neither announced nor be older than a gap: there is one at the check that follows both. */
  excusesSilence(table: string, write: Write, at: number): boolean {
    return this.#of(table).some(
      (fault) => mayHide(fault, write) && this.#isBefore(at, Math.max(overAt(fault), write.known), 0),
    );
  }

  /** DDL that hides changes is followed by a gap at the next catalog check, and so is its inverse. */
  judgeGaps(): Breach[] {
    return this.#faults.flatMap((fault): Breach[] => {
      const { name, from, done, healed, whole, unwatches } = fault;
      if (!unwatches?.hides || !this.#isCertain(unwatches)) return [];
      const missing = [
        ...(this.#hasGap(from, done, fault) ? [] : [`${name} has been done`]),
        ...(unwatches.atOnce || this.#hasGap(healed, whole, fault) ? [] : [`${name} has been taken back`]),
      ];
      return missing.map((what) => ({ law: 'losses', at: whole, what: `${what}, and there was no gap` }));
    });
  }

  /** Whether there was a gap by the first moment when there had to be one, if that has come. */
  #hasGap(from: number, moment: number, fault: FaultRecord): boolean {
    let isLive = false;
    let hasGap = false;
    for (const event of this.#events) {
      if (event.is === 'gap' && event.at >= from) hasGap = true;
      if (event.is === 'state') isLive = event.state === 'live';
      if (event.is !== 'look' || !isLive || event.at <= moment) continue;
      if (!this.#isUnnoticed(fault, event.at, 0)) return hasGap;
    }
    return true;
  }

  /** Of `auto`, it is not known by what it watches. */
  #isCertain({ watchedBy }: Unwatching): boolean {
    return this.#mode !== 'auto' || watchedBy.length > 1;
  }

  #of(table: string): readonly FaultRecord[] {
    return this.#faults.filter(({ unwatches }) => unwatches?.tables.includes(table));
  }

  #isUnnoticed(fault: FaultRecord, at: number, extraMs: number): boolean {
    const { from, done, healed, whole, unwatches } = fault;
    if (from <= at && this.#isBefore(at, done, extraMs)) return true;
    return unwatches?.atOnce === false && healed <= at && this.#isBefore(at, whole, extraMs);
  }

  /** Whether a catalog check that began after that moment may not be over yet. */
  #isBefore(at: number, moment: number, extraMs: number): boolean {
    if (at <= moment) return true;
    const from = this.#liveFrom(moment);
    const due = from + this.#silenceLimitMs;
    const still = overlapMs(this.#stoodStill, due, at);
    const slow = wasDelayed(this.#faults, from, at) ? QUESTIONS * SLOW_ROUND_TRIP_MS : 0;
    return at <= due + DELIVERY_MS + still + slow + extraMs;
  }

  /** A session that is being opened then has read the catalog, perhaps, and checks it again once it is live. */
  #liveFrom(moment: number): number {
    let isLive = false;
    for (const { at, state } of this.#states) {
      if (at > moment && isLive) return moment;
      isLive = state === 'live';
      if (at > moment && isLive) return at;
    }
    return moment;
  }
}

function overAt({ done, whole, unwatches }: FaultRecord): number {
  return unwatches?.atOnce ? done : whole;
}

/** Whether the write took place while the table was not watched, at least in part. */
function mayHide(fault: FaultRecord, { begun, known }: Write): boolean {
  return fault.from <= known && begun <= overAt(fault);
}
