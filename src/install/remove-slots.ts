import type { Client } from 'pg';
import { sql } from '../sql.js';
import { executed } from './executed.js';
import type { Step } from './step.js';

interface Slot {
  readonly name: string;
  /** Whether it is one that we can read: logical, of pgoutput, of this database. */
  readonly ours: boolean;
  readonly bears_our_name: boolean;
  readonly what: string;
  readonly temporary: boolean;
  /** Of the process that reads it. */
  readonly pid: number | null;
  readonly reader: string | null;
  /** How much WAL the server keeps for it; `null`: its WAL is lost. */
  readonly held: string | null;
}

export interface SlotRemoval {
  readonly steps: Step[];
  readonly notes: string[];
  /** About slots that stay and hold WAL, though nobody reads them. */
  readonly unread: string[];
}

/**
 * Plans to drop replication slots that nobody reads. No transaction would take that back, so it has to come
 * after one.
 *
 * @param named to be dropped in any case
 * @param byName whether those of this database whose name begins with `pgcachewatch` are to go, too
 */
export async function removeSlots(
  client: Client,
  named: readonly string[],
  byName: boolean,
): Promise<SlotRemoval> {
  const { rows } = await client.query<Slot>(sql('install/slots.sql'), [named]);
  const steps: Step[] = [];
  const unread: string[] = [];
  const notes = named
    .filter((name) => !rows.some((slot) => slot.name === name))
    .map((name) => `There is no replication slot ${name}.`);
  for (const slot of rows) {
    const isNamed = named.includes(slot.name);
    if (!isNamed && !(byName && slot.bears_our_name)) {
      if (slot.ours && slot.pid === null) unread.push(unreadNote(slot));
      continue;
    }
    if (!slot.ours) {
      notes.push(`The replication slot ${slot.name} stays: it is of another kind (${slot.what}).`);
    } else if (slot.pid !== null) {
      const end = slot.temporary ? 'it goes with that process' : 'end that, and uninstall again';
      notes.push(
        `The replication slot ${slot.name} stays: process ${slot.pid} (${slot.reader ?? 'unknown'}) reads it; ${end}.`,
      );
    } else {
      const statement = sql('install/drop-slot.sql', { slot: slot.name }).trim();
      steps.push({
        purpose: `drop the replication slot ${slot.name}`,
        needs: 'Run it as a role with REPLICATION, or as a superuser.',
        statement,
        script: executed(statement),
        undo: null,
        lock: null,
      });
    }
  }
  return { steps, notes, unread };
}

/** It may be another service's, which comes back: only its owner knows. */
function unreadNote({ name, held }: Slot): string {
  const drop = sql('install/drop-slot.sql', { slot: name }).trim();
  const holds = held === null ? 'has lost its WAL' : `holds ${held} of WAL`;
  return `The replication slot ${name} stays: nobody reads it, and it ${holds}. If its reader will not come back: ${drop}`;
}
