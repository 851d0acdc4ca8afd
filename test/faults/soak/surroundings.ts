import type { Breach, FaultRecord, SubjectEvent, Write } from '../checker/record.js';

const BEFORE_MS = 400;
const AFTER_MS = 100;
const MOST_LINES = 60;

/** What was going on around a breach, a line each, by the time before or after it. */
export function surroundings(
  breach: Breach,
  events: readonly SubjectEvent[],
  writes: readonly Write[],
  faults: readonly FaultRecord[],
): string[] {
  const lines: { at: number; text: string }[] = [];
  const words = breach.what.match(/[\w ]+\(\d+\)|\w+:\w+/g) ?? [];
  const isMeant = (text: string) => words.some((word) => text.includes(word.trim()));
  for (const { name, from, until } of faults) {
    lines.push({ at: from, text: `fault begins: ${name}` });
    if (Number.isFinite(until)) lines.push({ at: until, text: `fault is over: ${name}` });
  }
  for (const { n, sent, known, rows } of writes) {
    const names = rows.map(({ row, operation }) => `${operation} ${row}`).join(', ');
    if (!isMeant(names)) continue;
    lines.push(
      { at: sent, text: `commit of ${n} sent: ${names}` },
      { at: known, text: `commit of ${n} known` },
    );
  }
  for (const event of events) {
    const text = describe(event, isMeant);
    if (text !== null) lines.push({ at: event.at, text });
  }
  return lines
    .filter(({ at, text }) => {
      const isNear = at > breach.at - BEFORE_MS && at < breach.at + AFTER_MS;
      return isNear || (text.startsWith('fault') && at > breach.at - 15_000 && at < breach.at + AFTER_MS);
    })
    .sort((a, b) => a.at - b.at)
    .slice(-MOST_LINES)
    .map(({ at, text }) => `${(at - breach.at).toFixed(2).padStart(10)} ms  ${text}`);
}

function describe(event: SubjectEvent, isMeant: (text: string) => boolean): string | null {
  switch (event.is) {
    case 'value': {
      const rows = event.rows.map(([row, version]) => `${row}=${version}`).join(' ');
      return isMeant(rows) ? `value ${event.id}: ${rows}` : null;
    }
    case 'read': {
      const how = event.fresh ? 'asked for fresh' : event.kept ? 'a hit' : 'loaded';
      const text = `${event.place} is value ${event.value} (${how}, ${event.state})`;
      return isMeant(text) ? `${text}, there after ${(event.ended - event.at).toFixed(1)} ms` : null;
    }
    case 'look': {
      const kept = event.kept
        .filter(([place]) => isMeant(place))
        .map(([place, value]) => `${place}: ${value}`);
      return kept.length > 0 ? `kept: ${kept.join(', ')}` : null;
    }
    case 'told':
      return `told: ${event.writes.join(', ')}`;
    case 'gap':
      return `gap: ${event.reason}`;
    case 'state':
      return `the source is ${event.state}`;
    case 'error':
      return `error ${event.code}: ${event.message}`;
    case 'caught-up':
      return `caught up with ${(event.asked - event.at).toFixed(1)} ms before`;
    case 'stood-still':
      return `stood still for ${(event.at - event.from).toFixed(0)} ms`;
    case 'opened':
    case 'closed':
      return `source ${event.is}`;
  }
}
