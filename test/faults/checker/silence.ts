import { TIMER_MS } from './allowances.js';
import type { Breach, FaultRecord, Span, SubjectRecord } from './record.js';

/** What has the process hear nothing more, without any connection being closed. */
const DEAF = /^network: (silent|read no more) (to the client|both ways)$/;
/** How long after the limit it may be noticed. */
const NOTICED_MS = 1_000;

/** A source that hears nothing is interrupted in time, whatever its sockets say. */
export function judgeSilence(
  subject: SubjectRecord,
  faults: readonly FaultRecord[],
  stoodStill: readonly Span[],
): Breach[] {
  return faults.flatMap((fault): Breach[] => {
    if (!DEAF.test(fault.name)) return [];
    // What heals another fault of the network heals this one.
    const isAlone = faults.every(
      (other) => other === fault || other.healed < fault.from || other.from > fault.healed,
    );
    const limit = fault.from + subject.silenceLimitMs + NOTICED_MS;
    const still = stoodStill.find(({ from, until }) => from <= limit && limit <= until);
    const due = (still?.until ?? limit) + TIMER_MS;
    if (!isAlone || due > fault.healed) return [];
    const state = subject.events.findLast((event) => event.is === 'state' && event.at <= due);
    if (state?.is !== 'state' || state.state !== 'live') return [];
    const what = `it is live ${Math.round(due - fault.from)} ms after the last that it can have heard`;
    return [{ law: 'silence', at: due, what }];
  });
}
