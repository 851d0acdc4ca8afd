import { aftermathMs, overlapMs } from './allowances.js';
import type { Breach, FaultRecord, Span, SubjectRecord } from './record.js';

/** What waiting for the connection has to do with; the others come while it stands. */
const BY_CONNECTION = new Set(['reconnected', 'failover', 'slot-lost', 'switched']);
/** A slot cannot be read on through a time without the publication. */
const TAKES_SLOT = /slot|publication dropped/;
/** A fault may be noticed in steps: a table gone, a table back, what was told meanwhile. */
const MOST_PER_FAULT = 5;

/** Nothing is reported to be missing, and no connection lost, where nothing has happened; nor without an end. */
export function judgeGaps(
  subject: SubjectRecord,
  faults: readonly FaultRecord[],
  stoodStill: readonly Span[],
): Breach[] {
  const breaches: Breach[] = [];
  const breach = (at: number, what: string) => breaches.push({ law: 'gaps', at, what });
  const aftermath = aftermathMs(subject.silenceLimitMs);
  const causesOf = (at: number) => faults.filter(({ from, until }) => from <= at && at <= until + aftermath);
  const wasTaken = (at: number) => faults.some(({ name, from }) => TAKES_SLOT.test(name) && from < at);
  // A process that stands still hears nothing, whoever is to blame for that.
  const couldNotHear = (at: number) =>
    overlapMs(stoodStill, at - 2 * subject.silenceLimitMs, at) > subject.silenceLimitMs / 3;
  const effects = new Map<FaultRecord, { readonly count: number; readonly whats: readonly string[] }>();
  let interruptions = 0;
  let gaps = 0;
  let isClosed = false;
  let hasBeenLive = true;
  let firstLiveAt = Number.NEGATIVE_INFINITY;
  for (const event of subject.events) {
    if (event.is === 'opened') [isClosed, hasBeenLive] = [false, false];
    if (event.is === 'state' && event.state === 'live') {
      if (!hasBeenLive) firstLiveAt = event.at;
      hasBeenLive = true;
    }
    if (event.is === 'closed') isClosed = true;
    const isInterruption = event.is === 'state' && event.state === 'interrupted';
    if (isInterruption) interruptions++;
    if (event.is !== 'gap' && !isInterruption) continue;
    if (isClosed) breach(event.at, 'a closed source has told of a gap');
    if (event.is === 'gap' && BY_CONNECTION.has(event.reason)) {
      if (subject.resumes && event.reason === 'reconnected')
        breach(event.at, 'a durable slot was left, and nothing says that it was lost');
      if (subject.resumes && event.reason === 'slot-lost' && !wasTaken(event.at))
        breach(event.at, 'a durable slot has lost something, though nobody has touched it');
      if (++gaps > interruptions) breach(event.at, `${gaps} gaps after ${interruptions} interruptions`);
      // Its cause is that of the interruption, which may have taken any number of attempts to get over.
      continue;
    }
    // A durable slot may stand before DDL of the time of another source. Nothing is in memory yet.
    if (event.is === 'gap' && event.reason === 'unwatched' && subject.resumes && !hasBeenLive) continue;
    // Trigger functions may have been replaced at the time of another source: the end of those who were writing when
    // this one began is a gap.
    if (event.is === 'gap' && event.reason === 'unwatched' && event.at - firstLiveAt <= aftermath) continue;
    const causes = causesOf(event.at);
    const what = event.is === 'gap' ? `a gap (${event.reason})` : 'an interruption';
    if (couldNotHear(event.at)) continue;
    if (causes.length === 0) breach(event.at, `${what}, though nothing has happened`);
    for (const cause of causes) {
      const { count = 0, whats = [] } = effects.get(cause) ?? {};
      const each = `${what} after ${Math.round(event.at - cause.from)} ms`;
      effects.set(cause, { count: count + 1 / causes.length, whats: [...whats, each] });
    }
  }
  for (const [fault, { count, whats }] of effects) {
    if (count <= MOST_PER_FAULT) continue;
    const what = `${Math.round(count)} gaps and interruptions by ${fault.name}`;
    breach(fault.from, `${what}: ${whats.join(', ')}`);
  }
  return breaches;
}
