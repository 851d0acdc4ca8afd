import type { Choice } from '../sources/auto/choose-mode.js';
import type { Reason } from '../sources/auto/reason.js';
import type { SourceMode } from '../sources/change-source.js';
import type { Finding } from './finding.js';

/** What it all comes to. */
export interface Verdict {
  /** Whether the mode that was asked about works. */
  readonly works: boolean;
  /** Whether each does; `null`: it was not asked about. */
  readonly modes: Readonly<Record<SourceMode, boolean | null>>;
  /** What mode auto takes here; `null`: it refuses. */
  readonly auto: SourceMode | null;
  /** What mode auto goes by. */
  readonly reasons: readonly Reason[];
  /** The same as sentences, one a line. */
  readonly conclusion: readonly string[];
}

export type AskedMode = SourceMode | 'auto';

/** The modes that have to be looked at. */
export function modesOf(asked: AskedMode): readonly SourceMode[] {
  return asked === 'auto' ? ['notify', 'replication'] : [asked];
}

/** @param unseen how many checks could not look */
export function judge(
  asked: AskedMode,
  { mode: auto, reasons }: Choice,
  findings: readonly Finding[],
  unseen = 0,
): Verdict {
  const state = (mode: SourceMode) =>
    modesOf(asked).includes(mode) ? against(mode, findings).length === 0 : null;
  const modes = { notify: state('notify'), replication: state('replication') };
  const mode = asked === 'auto' ? auto : asked;
  const works = mode !== null && modes[mode] === true;
  const said = asked === 'auto' ? [] : [ofMode(asked, findings)];
  const partly = unseen === 0 ? [] : [`That is not all: ${unseen} of the checks could not look.`];
  const conclusion = [...said, ...ofAuto(auto, reasons, modes, findings), ...partly];
  return { works, modes, auto, reasons, conclusion };
}

function against(mode: SourceMode, findings: readonly Finding[]): Finding[] {
  return findings.filter(({ level, modes }) => level === 'failure' && modes.includes(mode));
}

function ofMode(mode: SourceMode, findings: readonly Finding[]): string {
  const failures = against(mode, findings);
  return failures.length === 0
    ? `Mode ${mode} works here.`
    : `Mode ${mode} does not work here: ${list(failures)}.`;
}

/** It decides by what it reads in the catalog: what is only found out by trying, it runs into. */
function ofAuto(
  auto: SourceMode | null,
  reasons: readonly Reason[],
  modes: Verdict['modes'],
  findings: readonly Finding[],
): string[] {
  const unmet = (mode: SourceMode) =>
    reasons.flatMap((reason) => (reason.mode === mode && !reason.met ? [reason.message] : [])).join(', ');
  if (auto === null) {
    return [
      `Mode auto refuses to start here. For replication: ${unmet('replication')}. For notify: ${unmet('notify')}.`,
    ];
  }
  const why =
    auto === 'replication' ? 'all that it looks at is there' : `for replication, ${unmet('replication')}`;
  const failures = against(auto, findings);
  const other = auto === 'replication' ? 'notify' : 'replication';
  if (failures.length === 0) {
    const said = [`Mode auto takes ${auto} here: ${why}.`];
    if (auto === 'notify' || modes.notify !== false) return said;
    return [
      ...said,
      `If replication fails later, notify cannot stand in: ${list(against(other, findings))}.`,
    ];
  }
  const said = [`Mode auto takes ${auto} here (${why}), and that does not work: ${list(failures)}.`];
  return modes[other] ? [...said, `Mode ${other} works: ask for it by name.`] : said;
}

function list(failures: readonly Finding[]): string {
  return [...new Set(failures.map(({ check }) => check))].join(', ');
}
