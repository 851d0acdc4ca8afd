import type { Breach, RunRecord, Write } from './record.js';
import type { Unwatched } from './unwatched.js';

/**
 * Whatever was committed before a question that was answered by "caught up" has been told by the answer, or a gap
 * has said that something may be missing.
 *
 * @param since from then on, the source has had to tell everything
 */
export function judgeLosses(
  { writes, subject, logTable }: RunRecord,
  since: number,
  unwatched: Unwatched,
): Breach[] {
  const breaches: Breach[] = [];
  const owed = new Map<number, Write>();
  for (const write of writes) if (write.sent > since) owed.set(write.n, write);
  let hasBeenLive = subject.resumes;
  for (const event of subject.events) {
    switch (event.is) {
      case 'told':
        for (const n of event.writes) owed.delete(n);
        break;
      case 'opened':
        hasBeenLive = subject.resumes;
        break;
      case 'gap':
        forgive(owed, event.at);
        break;
      case 'state':
        // What happened before a source was live for the first time is none of its business.
        if (event.state === 'live' && !hasBeenLive) {
          hasBeenLive = true;
          forgive(owed, event.at);
        }
        break;
      case 'caught-up':
        for (const write of owed.values()) {
          if (write.known > event.asked) continue;
          if (unwatched.excusesSilence(logTable, write, event.at)) continue;
          owed.delete(write.n);
          const late = Math.round(event.at - write.known);
          const what = `${write.n} (${write.rows.map(({ row }) => row).join(', ')}) was not told, ${late} ms after`;
          breaches.push({ law: 'losses', at: event.at, what: `${what} its commit, and caught up` });
        }
    }
  }
  return breaches;
}

function forgive(owed: Map<number, Write>, at: number): void {
  for (const write of owed.values()) if (write.sent <= at) owed.delete(write.n);
}
