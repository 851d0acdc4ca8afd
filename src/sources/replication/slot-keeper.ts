import type { Client } from 'pg';
import { type Lsn, lsn } from '../../changes/lsn.js';
import { sql } from '../../sql.js';
import type { Continuity } from '../session.js';
import type { DurableSlot } from './replication-options.js';
import {
  confirmedLsn,
  createDurableSlot,
  createTemporarySlot,
  describeSlot,
  dropSlot,
  requireUsable,
} from './slot.js';

/** How long creating a slot may wait for other people's transactions. */
const LOCK_TIMEOUT_MS = 10_000;

interface System {
  readonly systemid: string;
  readonly timeline: number;
}

/** What is opened, and whether it goes on where the last session of this process left off. */
export interface OpenedSlot {
  readonly slot: string;
  readonly continuity: Continuity;
}

/**
 * The slot over the sessions of one source: remembers which server it was read from and how far, so that a
 * slot that was lost, or made again by somebody, is not taken for the one that was left.
 */
export class SlotKeeper {
  readonly #durable: DurableSlot | undefined;
  #system: System | undefined;
  #appliedTo = lsn(0n);

  constructor(durable: DurableSlot | undefined) {
    this.#durable = durable;
  }

  /** Everything before this position has been applied. */
  applied(upTo: Lsn): void {
    if (upTo > this.#appliedTo) this.#appliedTo = upTo;
  }

  /** A durable slot sends again what was applied and not yet confirmed when the connection broke. */
  wasApplied(commitLsn: Lsn): boolean {
    return this.#durable !== undefined && commitLsn < this.#appliedTo;
  }

  /** Runs on the connection that will stream. Creates what is missing. */
  async open(client: Client): Promise<OpenedSlot> {
    await client.query(sql('replication/session.sql', { lock_timeout: String(LOCK_TIMEOUT_MS) }));
    const system = await identify(client);
    const before = this.#system;
    const moved =
      before !== undefined && (before.systemid !== system.systemid || before.timeline !== system.timeline);
    if (moved) this.#appliedTo = lsn(0n);
    this.#system = system;
    if (this.#durable === undefined) {
      return { slot: await createTemporarySlot(client), continuity: moved ? 'failover' : 'reconnected' };
    }
    const continuity = await this.#openDurable(client, this.#durable, before !== undefined);
    return { slot: this.#durable.name, continuity: moved ? 'failover' : continuity };
  }

  async #openDurable(client: Client, durable: DurableSlot, wasOpen: boolean): Promise<Continuity> {
    const { name } = durable;
    const slot = await describeSlot(client, name);
    if (slot === null) {
      await createDurableSlot(client, durable);
      this.#appliedTo = lsn(0n);
      return wasOpen ? 'slot-lost' : 'continued';
    }
    requireUsable(name, slot);
    if (slot.lost) {
      await dropSlot(client, name);
      await createDurableSlot(client, durable);
      this.#appliedTo = lsn(0n);
      return 'slot-lost';
    }
    // Somebody has confirmed what we have not applied, or has made the slot anew under its name.
    const confirmed = confirmedLsn(slot);
    const skipped = wasOpen && this.#appliedTo > 0n && confirmed !== null && confirmed > this.#appliedTo;
    return skipped ? 'slot-lost' : 'continued';
  }
}

/** A replication command; the names of its columns are given in PostgreSQL documentation, 54.4. */
async function identify(client: Client): Promise<System> {
  const { rows } = await client.query<System>('IDENTIFY_SYSTEM');
  const { systemid = '', timeline = 0 } = rows[0] ?? {};
  return { systemid, timeline };
}
