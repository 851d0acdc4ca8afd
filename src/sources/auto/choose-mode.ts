import { PgCacheWatchError } from '../../errors.js';
import type { SourceMode } from '../change-source.js';
import type { OnceWatched } from '../once-watched.js';
import type { Reading } from '../read-watched-tables.js';
import type { AutoOptions } from './auto-options.js';
import type { Findings } from './capabilities.js';
import { describeReason, type Reason } from './reason.js';

export interface Choice {
  /** `null`: neither can work. */
  readonly mode: SourceMode | null;
  /** Every condition that was looked at. */
  readonly reasons: readonly Reason[];
}

/** Replication where all that it needs is there; else notify where the triggers are. */
export function chooseMode(findings: Findings, options: AutoOptions): Choice {
  const replication = replicationReasons(findings, options);
  const notify = notifyReasons(findings, options);
  const works = (reasons: readonly Reason[]) => reasons.every(({ met }) => met);
  const mode = works(replication) ? 'replication' : works(notify) ? 'notify' : null;
  return { mode, reasons: [...replication, ...notify] };
}

/** The error of a choice that came to nothing: all that stands against either source, and its remedy. */
export function noModeWorks({ reasons }: Choice): PgCacheWatchError {
  const against = reasons.filter(({ met }) => !met);
  const found = against.map(({ mode, message }) => `${mode}: ${message}`).join('; ');
  return new PgCacheWatchError('NO_MODE', `Neither replication nor notify can work here: ${found}`, {
    remedy: against.map(describeReason).join('\n'),
  });
}

function replicationReasons(found: Findings, { publication, slot, onceWatched }: AutoOptions): Reason[] {
  const check = checker('replication');
  const name = JSON.stringify(publication);
  const missing = missingFrom(found.publishedTables, found.notifyingTables, onceWatched);
  const install = 'run: npx pgcachewatch install <tables…> --mode replication --commit';
  return [
    check(found.wal_level === 'logical', `wal_level is ${found.wal_level}`, [
      "run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server",
    ]),
    check(found.may_replicate, `role ${found.role} ${found.may_replicate ? 'may' : 'may not'} replicate`, [
      `run as a superuser: ALTER ROLE ${JSON.stringify(found.role)} REPLICATION;`,
    ]),
    check(
      found.used_slots < found.max_slots,
      `${found.used_slots} of ${found.max_slots} replication slots are in use${slot ? ' besides ours' : ''}`,
      ['drop a slot that nobody reads, or raise max_replication_slots and restart the server'],
    ),
    check(
      found.used_senders < found.max_senders,
      `${found.used_senders} of ${found.max_senders} WAL senders are in use`,
      ['raise max_wal_senders and restart the server'],
    ),
    check(found.published, `publication ${name} ${found.published ? 'exists' : 'does not exist'}`, [install]),
    check(
      missing === '' && found.publishedTables.watched.size > 0,
      missing === ''
        ? `publication ${name} holds ${count(found.publishedTables.watched.size)}`
        : `publication ${name} does not tell all of ${missing}`,
      [install],
    ),
    check(
      !found.standby,
      found.standby ? 'this is a standby, which writes no WAL of its own' : 'this is a primary',
      ['connect to the primary'],
    ),
  ];
}

function notifyReasons(found: Findings, { channel, onceWatched }: AutoOptions): Reason[] {
  const check = checker('notify');
  const missing = missingFrom(found.notifyingTables, found.publishedTables, onceWatched);
  return [
    check(
      !found.standby,
      found.standby ? 'this is a standby, where nobody can LISTEN' : 'this is a primary',
      ['connect to the primary'],
    ),
    check(
      missing === '' && found.notifyingTables.watched.size > 0,
      missing === ''
        ? `triggers notify channel ${JSON.stringify(channel)} of ${count(found.notifyingTables.watched.size)}`
        : `triggers are missing on ${missing}`,
      ['run: npx pgcachewatch install <tables…> --mode notify --commit'],
    ),
  ];
}

/** What stands against a source. A table that was lost to both, since they began, stands against neither. */
function missingFrom(one: Reading, other: Reading, onceWatched: OnceWatched): string {
  const lost = onceWatched.isEmpty ? [] : other.unwatched;
  return one.unwatched.filter((name) => !lost.includes(name)).join(', ');
}

function checker(mode: SourceMode) {
  return (met: boolean, message: string, [remedy]: readonly [string]): Reason => ({
    mode,
    met,
    message,
    remedy: met ? null : remedy,
  });
}

function count(tables: number): string {
  return tables === 1 ? '1 table' : `${tables} tables`;
}
