import { escapeLiteral } from 'pg';
import { PgCacheWatchError } from '../../errors.js';
import { requireUsable, type SlotState } from '../../sources/replication/slot.js';
import { sql } from '../../sql.js';
import type { Check } from '../check.js';
import { type Finding, type Remedy, reporter } from '../finding.js';
import { inBytes } from '../in-bytes.js';
import { bySql, inWords } from '../remedy.js';

export interface SlotReading extends Omit<SlotState, 'republished'> {
  readonly name: string;
  /** `pg_replication_slots.wal_status` */
  readonly wal_status: string | null;
  /** The WAL that is kept for it. */
  readonly held_bytes: number | null;
  /** The WAL that it has not confirmed. */
  readonly lag_bytes: number | null;
}

const report = reporter('slots', ['replication']);
/** A slot that is left over holds WAL whatever mode is used now. */
const leftOver = reporter('slots', ['notify', 'replication']);

/** More than a reader that keeps up ever leaves: a segment of the WAL has 16 MB. */
const MUCH_LAG_BYTES = 256 * 2 ** 20;

/** Slots that nobody reads, whoever made them, and how ours stand. */
export const slots: Check = {
  name: 'slots',
  modes: ['notify', 'replication'],
  look: async ({ client, options }) => {
    const wanted = options.slot?.name ?? null;
    const { rows } = await client.query<SlotReading>(sql('doctor/slots.sql'));
    const findings = rows.flatMap((slot) => judgeSlot(slot, wanted));
    if (wanted !== null && !rows.some(({ name }) => name === wanted)) {
      findings.push(report.ok(`There is no slot ${wanted}: the source makes it when it starts`));
    }
    return findings;
  },
};

/** @param wanted the durable slot that is asked about; `null`: none */
export function judgeSlot(slot: SlotReading, wanted: string | null): Finding[] {
  const { name, temporary, active_pid } = slot;
  const isWanted = name === wanted;
  if (isWanted) {
    const foreign = foreignSlot(slot);
    if (foreign !== null) return [foreign];
  }
  const unread = slot.here && slot.plugin === 'pgoutput' ? leftOver : report;
  if (slot.lost) {
    const ours = isWanted ? '; the source makes it anew, through a gap' : '';
    return [unread.warning(`Slot ${name} has lost its WAL, and is of use to nobody${ours}`, drop(name))];
  }
  if (active_pid === null) {
    // It is the turn of the one that asks.
    if (isWanted)
      return [report.ok(`Slot ${name} waits for its reader, and holds ${inBytes(slot.held_bytes)} of WAL`)];
    const where = slot.database === null || slot.here ? '' : ` of database ${JSON.stringify(slot.database)}`;
    return [
      unread.warning(
        `Slot ${name}${where} is read by nobody, and holds ${inBytes(slot.held_bytes)} of WAL: it will fill the disk`,
        drop(name, 'if its reader will not come back'),
      ),
    ];
  }
  if (!isWanted && !(slot.here && name.startsWith('pgcachewatch'))) return [];
  const kind = temporary ? 'Temporary slot' : 'Slot';
  const message = `${kind} ${name} is read by process ${active_pid}, ${inBytes(slot.lag_bytes)} behind`;
  if (slot.wal_status !== 'unreserved' && (slot.lag_bytes ?? 0) < MUCH_LAG_BYTES) return [report.ok(message)];
  const danger = slot.wal_status === 'unreserved' ? '; its WAL may be removed at the next checkpoint' : '';
  return [
    report.warning(
      `${message}${danger}`,
      inWords(
        'Find out what keeps the reader: its process may be busy, or its listeners slow. source.lag() tells it there.',
      ),
    ),
  ];
}

function foreignSlot(slot: SlotReading): Finding | null {
  try {
    requireUsable(slot.name, { ...slot, active_pid: null });
    return null;
  } catch (error) {
    if (!(error instanceof PgCacheWatchError)) throw error;
    return report.failure(error.message, inWords(error.remedy ?? 'Choose another name.'), true);
  }
}

function drop(name: string, ...comments: string[]): Remedy {
  return bySql(
    [`SELECT pg_drop_replication_slot(${escapeLiteral(name)});`],
    ...comments,
    'as a role with REPLICATION, or as a superuser',
  );
}
