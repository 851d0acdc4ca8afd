import type { Promises } from './place.js';
import type { Breach, SubjectEvent } from './record.js';
import { tableOf, type Unwatched } from './unwatched.js';

/**
 * Two places of which the rows are only ever written together are dropped together: what was kept at both is, at the
 * next look, kept at both or at neither.
 */
export function judgeAtomicity(
  events: readonly SubjectEvent[],
  promises: Promises,
  unwatched: Unwatched,
): Breach[] {
  const breaches: Breach[] = [];
  let before: ReadonlyMap<string, number> = new Map();
  let beforeAt = 0;
  for (const event of events) {
    if (event.is === 'opened' || event.is === 'closed') before = new Map();
    if (event.is !== 'look') continue;
    const kept = new Map(event.kept);
    for (const [place, { partner }] of promises) {
      if (partner === undefined) continue;
      const [mine, theirs] = [before.get(place), before.get(partner)];
      if (mine === undefined || theirs === undefined) continue;
      const stays = kept.get(place) === mine;
      if (stays === (kept.get(partner) === theirs)) continue;
      const tables = [place, partner].flatMap((each) => promises.get(each)?.scope ?? []).map(tableOf);
      const isExcused = (at: number) => tables.some((table) => unwatched.excusesDropping(table, at));
      if (isExcused(beforeAt) || isExcused(event.at)) continue;
      const [left, right] = stays ? [partner, place] : [place, partner];
      breaches.push({ law: 'atomicity', at: event.at, what: `${left} was dropped, and ${right} was not` });
    }
    before = kept;
    beforeAt = event.at;
  }
  return breaches;
}
