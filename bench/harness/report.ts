import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BenchContext, BenchResult } from './bench.js';
import { drawChart } from './chart.js';
import type { Comparison, Row } from './comparison.js';

export interface Report extends BenchResult {
  readonly bench: string;
  readonly about: string;
  readonly quick: boolean;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly peers: Readonly<Record<string, string>>;
}

/** Writes `<bench>.json`, `.md` and, if the plotting library is there, `.svg`. Returns the paths. */
export async function writeReport(
  context: Pick<BenchContext, 'withoutPeers'>,
  folder: string,
  report: Report,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const file = (ending: string) => path.join(folder, `${report.bench}.${ending}`);
  const svg = await drawChart(context, report);
  await writeFile(file('json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(file('md'), toMarkdown(report, svg !== null));
  if (svg === null) await rm(file('svg'), { force: true });
  else await writeFile(file('svg'), svg);
  return [file('json'), file('md'), ...(svg === null ? [] : [file('svg')])];
}

function toMarkdown(report: Report, withChart: boolean): string {
  const { bench, settings, machine, peers } = report;
  const parts = [toTables(report)];
  if (withChart) parts.push(`![${bench}](${bench}.svg)`);
  parts.push('## Measured with', ...[settings, machine, peers].map(listed));
  return `${parts.join('\n\n')}\n`;
}

/** What was measured and nothing else: for a terminal. */
export function toTables({ bench, about, quick, comparisons }: Report): string {
  const parts = [`# ${bench}`, about];
  if (quick) parts.push('**From a quick run: it shows that the bench works, and its figures mean nothing.**');
  return [...parts, ...comparisons.flatMap(comparisonParts)].join('\n\n');
}

function comparisonParts({ title, measures, missing, reference, rounds }: Comparison): string[] {
  const columns = measures.flatMap((measure) => {
    const { label, unit, better, rows } = measure;
    const measured = {
      head: `${label}${unit && `, ${unit}`} (${better} is better)`,
      cells: rows.map(measuredCell),
    };
    if (rows.every(({ ratio }) => ratio === null)) return [measured];
    return [measured, { head: `beside ${reference}`, cells: rows.map(ratioCell) }];
  });
  const names = measures[0]?.rows.map(({ name }) => name) ?? [];
  const lines = names.map((name, i) => tableLine([name, ...columns.map(({ cells }) => cells[i] ?? '')]));
  for (const each of missing) {
    lines.push(tableLine([each.name, each.missing, ...columns.slice(1).map(() => '')]));
  }
  const head = tableLine(['', ...columns.map((column) => column.head)]);
  const rule = tableLine(['---', ...columns.map(() => '---:')]);
  const note = `Medians of ${rounds} interleaved rounds, and the quarters around them.`;
  return [`## ${title}`, [head, rule, ...lines].join('\n'), note];
}

function measuredCell({ spread: { median, low, high } }: Row): string {
  return `${figure(median)} (${figure(low)} to ${figure(high)})`;
}

function ratioCell({ ratio }: Row): string {
  if (ratio === null) return '–';
  return `× ${figure(ratio.median)} (${figure(ratio.low)} to ${figure(ratio.high)})`;
}

/** Three digits that mean something. */
function figure(value: number): string {
  const digits = Math.abs(value) >= 100 || value === 0 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  if (Math.abs(value) < 0.1 && value !== 0) return value.toPrecision(2);
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

function listed(of: Readonly<Record<string, string | number>>): string {
  return Object.entries(of)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
