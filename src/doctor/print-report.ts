import pc from 'picocolors';
import type { Report } from './examine.js';
import type { Finding, Level } from './finding.js';
import { platformNames } from './platform.js';

type Colors = ReturnType<typeof pc.createColors>;

/** More than so many lines of the same kind are one; --json has them all. */
const MANY = 4;
const LEVEL_WIDTH = 'failure'.length;
const MODE_WIDTH = 'replication'.length;

/** How a report looks on a screen: a line a finding, its remedy indented below it, the verdict last. */
export function printReport({ server, findings, unseen, verdict }: Report, colored: boolean): string {
  const colors = pc.createColors(colored);
  const { versionName, platform, database, role } = server;
  const where = platform === null ? '' : ` on ${platformNames[platform]}`;
  const lines = [
    colors.bold(`PostgreSQL ${versionName}${where}, database ${database}, role ${role}`),
    '',
    ...abridge(findings).flatMap((finding) => printFinding(finding, colors)),
    ...unseen.map(
      ({ check, message }) =>
        `${colors.red('unknown'.padEnd(LEVEL_WIDTH))}  ${check} could not look: ${message}`,
    ),
    '',
    ...verdict.conclusion.map((sentence, i) =>
      i === 0 ? colors.bold(verdict.works ? colors.green(sentence) : colors.red(sentence)) : sentence,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** Of what is well by one check, table after table, the first. */
function abridge(findings: readonly Finding[]): Finding[] {
  const abridged: Finding[] = [];
  for (let i = 0; i < findings.length; ) {
    const [first, ...rest] = findings.slice(i);
    if (first === undefined) break;
    const different = rest.findIndex((each) => each.level !== 'ok' || each.check !== first.check);
    const more = first.level === 'ok' ? (different === -1 ? rest.length : different) : 0;
    if (more < MANY) {
      abridged.push(first);
      i += 1;
    } else {
      abridged.push({ ...first, message: `${first.message}; and ${more} more like it` });
      i += 1 + more;
    }
  }
  return abridged;
}

function printFinding({ level, modes, message, remedy }: Finding, colors: Colors): string[] {
  const mode = (modes.length > 1 ? 'both' : modes.join('')).padEnd(MODE_WIDTH);
  const head = `${paint(level, colors)}  ${colors.dim(mode)}  ${message}`;
  const indent = ' '.repeat(LEVEL_WIDTH + 2 + MODE_WIDTH + 2);
  return [head, ...(remedy?.split('\n') ?? []).map((line) => `${indent}${colors.cyan(line)}`)];
}

function paint(level: Level, colors: Colors): string {
  const text = level.padEnd(LEVEL_WIDTH);
  switch (level) {
    case 'ok':
      return colors.green(text);
    case 'note':
      return colors.dim(text);
    case 'warning':
      return colors.yellow(text);
    case 'failure':
      return colors.red(text);
  }
}
