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
  /** What mode auto takes here, or tries to for ever; `null`: it refuses. */
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
export function judge(asked: AskedMode, choice: Choice, findings: readonly Finding[], unseen = 0): Verdict {
  const state = (mode: SourceMode) =>
    modesOf(asked).includes(mode) ? against(mode, findings).length === 0 : null;
  const modes = { notify: state('notify'), replication: state('replication') };
  const auto = standsIn(choice, findings) ? 'notify' : choice.mode;
  const mode = asked === 'auto' ? auto : asked;
  const conclusion = [
    ...(asked === 'auto' ? [] : [ofMode(asked, findings)]),
    ...ofAuto(choice, auto, modes, findings),
    ...(unseen === 0 ? [] : [`That is not all: ${unseen} of the checks could not look.`]),
  ];
  const works = mode !== null && modes[mode] === true;
  return { works, modes, auto, reasons: choice.reasons, conclusion };
}

/**
 * Whether replication is chosen, and fails in a way that makes auto take notify instead. It chooses by what
 * it reads in the catalog; what is only found out by trying, it runs into.
 */
function standsIn({ mode, reasons }: Choice, findings: readonly Finding[]): boolean {
  return (
    mode === 'replication' &&
    against('replication', findings).some(({ final }) => final) &&
    reasons.every((reason) => reason.mode !== 'notify' || reason.met)
  );
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

function ofAuto(
  choice: Choice,
  auto: SourceMode | null,
  modes: Verdict['modes'],
  findings: readonly Finding[],
): string[] {
  if (auto === null) {
    const [replication, notify] = [unmet(choice, 'replication'), unmet(choice, 'notify')];
    return [`Mode auto refuses to start here. For replication: ${replication}. For notify: ${notify}.`];
  }
  const failures = against(auto, findings);
  const other = auto === 'replication' ? 'notify' : 'replication';
  const why = whyTaken(choice, auto, findings);
  if (failures.length > 0) {
    const said = [`Mode auto takes ${auto} here (${why}), and that does not work: ${list(failures)}.`];
    return modes[other] ? [...said, `Mode ${other} works: ask for it by name.`] : said;
  }
  const said = [`Mode auto takes ${auto} here: ${why}.`];
  if (auto === 'notify' || modes.notify !== false) return said;
  return [...said, `If replication fails later, notify cannot stand in: ${list(against(other, findings))}.`];
}

function whyTaken(choice: Choice, auto: SourceMode, findings: readonly Finding[]): string {
  if (auto === 'replication') {
    const waits = unmet(choice, 'replication');
    return waits === '' ? 'all that it looks at is there' : `there is no other, though ${waits}`;
  }
  return choice.mode === 'replication'
    ? `replication seems possible and fails: ${list(against('replication', findings))}`
    : `for replication, ${unmet(choice, 'replication')}`;
}

function unmet({ reasons }: Choice, mode: SourceMode): string {
  return reasons
    .flatMap((reason) => (reason.mode === mode && !reason.met ? [reason.message] : []))
    .join(', ');
}

function list(failures: readonly Finding[]): string {
  return [...new Set(failures.map(({ check }) => check))].join(', ');
}
