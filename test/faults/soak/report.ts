import type { Age } from '../checker/staleness.js';
import type { FaultLog } from './fault-log.js';
import type { SoakResult } from './soak.js';
import type { Finding, Totals } from './totals.js';
import type { Workload } from './workload.js';

/** One line for the rounds so far. */
export function progressLine(totals: Totals, log: FaultLog, workload: Workload): string {
  const { rounds, reads, checked, findings, gaps } = totals;
  return [
    `round ${rounds}`,
    `${count(workload.committed)} writes`,
    `${count(reads)} reads`,
    `${count(checked)} values checked`,
    `${log.total} faults`,
    `${gaps} gaps`,
    `${findings.length} breaches`,
  ].join(', ');
}

/** All that a run has come to, as Markdown. */
export function report({ totals, log, workload, minutes }: SoakResult, replay: string): string {
  const stale = totals.findings.filter(({ law }) => STALE.has(law)).length;
  const figures: [string, string][] = [
    ['minutes', minutes.toFixed(1)],
    ['rounds', count(totals.rounds)],
    ['transactions committed', count(workload.committed)],
    ['transactions rolled back', count(workload.rolledBack)],
    ['commits whose answer was lost', count(workload.unsure)],
    ['transactions told, over all modes', count(totals.told)],
    ['reads', count(totals.reads)],
    ['values checked', count(totals.checked)],
    ['faults survived', count(log.total)],
    ['interruptions', count(totals.interruptions)],
    ['gaps', count(totals.gaps)],
    ['stale reads beyond a bound', String(stale)],
    ['breaches of any law', String(totals.findings.length)],
  ];
  const ages = [...totals.ages].sort(([, a], [, b]) => b.ageMs / b.boundMs - a.ageMs / a.boundMs);
  return [
    table(['', ''], figures),
    'Faults survived:',
    table(['fault', 'times', 'not to be done then'], faults(log)),
    'The oldest values that were served, against what their state allowed:',
    table(
      ['cache', 'age', 'bound'],
      ages.slice(0, 12).map(([name, age]) => [name, ...inMs(age)]),
    ),
    'Memory with all closed and the garbage collected, in MB:',
    table(['mode', 'heap at first', 'heap at last', 'highest', 'resident at last'], memory(totals)),
    ...totals.findings.map((finding) => describeFinding(finding, replay)),
  ].join('\n\n');
}

const STALE: ReadonlySet<string> = new Set([
  'staleness',
  'read-your-writes',
  'at rest',
  'order',
  'committed',
]);

function describeFinding({ law, mode, round, what, around }: Finding, replay: string): string {
  const where = mode === null ? '' : ` (${mode})`;
  return [
    `BREACH of ${law}${where} in round ${round}: ${what}`,
    ...around,
    `Again: ${replay} --round ${round}`,
  ].join('\n');
}

function faults(log: FaultLog): string[][] {
  const names = [...new Set([...log.counts.keys(), ...log.failures.keys()])].sort();
  return names.map((name) => [name, String(log.counts.get(name) ?? 0), String(log.failures.get(name) ?? 0)]);
}

function memory({ memory: measured }: Totals): string[][] {
  const mb = (bytes = 0) => (bytes / 2 ** 20).toFixed(1);
  return [...measured].map(([mode, measures]) => [
    mode,
    mb(measures[0]?.heapBytes),
    mb(measures.at(-1)?.heapBytes),
    mb(Math.max(...measures.map(({ heapBytes }) => heapBytes))),
    mb(measures.at(-1)?.residentBytes),
  ]);
}

function inMs({ ageMs, boundMs }: Age): [string, string] {
  return [`${ageMs.toFixed(0)} ms`, `${boundMs.toFixed(0)} ms`];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function count(number: number): string {
  return number.toLocaleString('en');
}
