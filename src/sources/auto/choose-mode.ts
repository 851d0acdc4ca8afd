import { PgCacheWatchError } from '../../errors.js';
import type { SourceMode } from '../change-source.js';
import type { OnceWatched } from '../once-watched.js';
import type { Reading } from '../read-watched-tables.js';
import { describeInTheWay } from '../replication/slot-blocked.js';
import type { AutoOptions } from './auto-options.js';
import type { Findings } from './capabilities.js';
import { describeReason, type Reason } from './reason.js';
import { reserveOf } from './reserve.js';

/** A transaction that has been open for so long will hardly end in the time that the creation of a slot waits for it. */
const LONG_OPEN_S = 5;

export interface Choice {
  /** `null`: neither can work. */
  readonly mode: SourceMode | null;
  /** Every condition that was looked at. */
  readonly reasons: readonly Reason[];
}

/**
 * Replication where all that it needs is there; else notify where the triggers are. Where they are not, replication
 * waits for what only takes time.
 *
 * @param replicates whether the source has a slot and a sender already, which the server may still count as taken:
 *   then there is no need to leave some for others, and its own slot is not somebody else's
 */
export function chooseMode(findings: Findings, options: AutoOptions, replicates = false): Choice {
  const needs = replicationReasons(findings, options, replicates);
  const waits = waitingReasons(findings, options, replicates);
  const notify = notifyReasons(findings, options);
  const works = (reasons: readonly Reason[]) => reasons.every(({ met }) => met);
  const reasons = [...needs, ...waits, ...notify];
  if (works(needs) && works(waits)) return { mode: 'replication', reasons };
  if (works(notify)) return { mode: 'notify', reasons };
  return { mode: works(needs) ? 'replication' : null, reasons };
}

/** The error of a choice that came to nothing: all that stands against either source, and its remedy. */
export function noModeWorks({ reasons }: Choice): PgCacheWatchError {
  const against = reasons.filter(({ met }) => !met);
  const found = against.map(({ mode, message }) => `${mode}: ${message}`).join('; ');
  return new PgCacheWatchError('NO_MODE', `Neither replication nor notify can work here: ${found}`, {
    remedy: against.map(describeReason).join('\n'),
  });
}

function replicationReasons(
  found: Findings,
  { publication, slot, onceWatched }: AutoOptions,
  replicates: boolean,
): Reason[] {
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
    free(check, {
      what: `replication slots are in use${slot ? ' besides ours' : ''}`,
      used: found.used_slots,
      most: found.max_slots,
      isOurs: replicates || found.has_slot,
      remedy: 'drop a slot that nobody reads, or raise max_replication_slots and restart the server',
    }),
    free(check, {
      what: 'WAL senders are in use',
      used: found.used_senders,
      most: found.max_senders,
      isOurs: replicates,
      remedy: 'raise max_wal_senders and restart the server',
    }),
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

interface Supply {
  readonly what: string;
  readonly used: number;
  readonly most: number;
  /** Whether what we need of it is counted already. */
  readonly isOurs: boolean;
  readonly remedy: string;
}

/** Whether there is one for us, and then enough for others. */
function free(check: Check, { what, used, most, isOurs, remedy }: Supply): Reason {
  const message = `${used} of ${most} ${what}`;
  const isThere = used < most;
  const reserve = isOurs ? 0 : reserveOf(most);
  if (!isThere || used + reserve < most) return check(isThere, message, [remedy]);
  return check(false, `${message}, and mode auto leaves ${reserve} for standbys and backups`, [
    `${remedy}; mode 'replication' takes one all the same`,
  ]);
}

/** What replication only has to wait for. */
function waitingReasons(found: Findings, { slot }: AutoOptions, replicates: boolean): Reason[] {
  const check = checker('replication');
  const { has_slot, slot_reader, writer } = found;
  const reasons: Reason[] = [];
  if (slot && slot_reader !== null && !replicates) {
    reasons.push(
      check(false, `the replication slot ${slot.name} is being read by process ${slot_reader}`, [
        'give each process that runs at the same time a slot of its own, or end that one',
      ]),
    );
  }
  if (!has_slot && writer && (writer.age_seconds ?? 0) >= LONG_OPEN_S) {
    reasons.push(
      check(false, `the creation of a replication slot would wait for ${describeInTheWay(writer)}`, [
        'end that transaction',
      ]),
    );
  }
  return reasons;
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

type Check = (met: boolean, message: string, remedy: readonly [string]) => Reason;

function checker(mode: SourceMode): Check {
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
