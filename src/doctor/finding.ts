import type { SourceMode } from '../sources/change-source.js';
import { onOneLine } from './on-one-line.js';

/**
 * - `ok`: as it should be.
 * - `note`: worth knowing, and nothing to be done.
 * - `warning`: the mode works, and something can go wrong.
 * - `failure`: the mode does not work, or harms those who write.
 */
export type Level = 'ok' | 'note' | 'warning' | 'failure';

/**
 * - `sql`: statements, one a line, that can be pasted into psql; what is to be known is a comment among them.
 * - `shell`: a command line.
 * - `words`: what no statement does.
 */
export type RemedyKind = 'sql' | 'shell' | 'words';

export interface Remedy {
  readonly remedy: string;
  readonly remedyKind: RemedyKind;
}

/** One thing that a check has found. */
export interface Finding {
  /** The name of the check. */
  readonly check: string;
  /** Which of the modes it concerns. */
  readonly modes: readonly SourceMode[];
  readonly level: Level;
  /** One line. */
  readonly message: string;
  readonly remedy: string | null;
  readonly remedyKind: RemedyKind | null;
  /** Of a failure: whether a source that meets it gives up. Else it tries again, or does not meet it at all. */
  readonly final: boolean;
}

/** Makes the findings of one check. */
export interface Reporter {
  ok(message: string): Finding;
  note(message: string, remedy?: Remedy): Finding;
  warning(message: string, remedy: Remedy): Finding;
  failure(message: string, remedy: Remedy, final?: boolean): Finding;
}

export function reporter(check: string, modes: readonly SourceMode[]): Reporter {
  const report =
    (level: Level) =>
    (message: string, remedy?: Remedy, final = false) => ({
      check,
      modes,
      level,
      message: onOneLine(message),
      remedy: remedy?.remedy ?? null,
      remedyKind: remedy?.remedyKind ?? null,
      final,
    });
  return {
    ok: report('ok'),
    note: report('note'),
    warning: report('warning'),
    failure: report('failure'),
  };
}
