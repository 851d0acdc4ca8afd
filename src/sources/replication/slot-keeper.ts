import type { Client } from 'pg';
import type { GapReason } from '../../changes/gap.js';
import { type Lsn, lsn } from '../../changes/lsn.js';
import { sql } from '../../sql.js';
import { processId } from '../connection/process-id.js';
import type { Continuity } from '../session.js';
import type { WatchedFrom } from '../watching/watch.js';
import type { DurableSlot } from './replication-options.js';
import {
  confirmedLsn,
  createDurableSlot,
  createTemporarySlot,
  describeSlot,
  dropSlot,
  requireUsable,
  type SlotState,
} from './slot.js';
import { isBlocked, slotBlocked } from './slot-blocked.js';
import type { TextEncoding } from './tuple.js';

export interface SlotKeeperOptions {
  /** `undefined`: temporary slots. */
  readonly durable: DurableSlot | undefined;
  /** How long creating a slot may wait for other people's transactions. */
  readonly lockTimeoutMs: number;
}

interface System {
  readonly systemid: string;
  readonly timeline: number;
}

/** What is opened, and whether it goes on where the last session of this process left off. */
export interface OpenedSlot {
  readonly slot: string;
  /** Everything before it was confirmed, by whomever. */
  readonly confirmed: Lsn;
  readonly continuity: Continuity;
  readonly streamsFrom: WatchedFrom;
  /** How the texts of the stream can be read. */
  readonly encoding: TextEncoding;
}

/** The slot's WAL is gone; or what the slot needs (its publication, itself) was not there at that time. */
const UNREADABLE: ReadonlySet<string> = new Set(['55000', '42704']);

/** A text has no equivalent in UTF-8, or is none (`untranslatable_character`, `character_not_in_repertoire`). */
const NOT_IN_UTF8: ReadonlySet<string> = new Set(['22P05', '22021']);

/**
 * The slot over the sessions of one source: remembers which server it was read from and how far, so that a
 * slot that was lost, or made again by somebody, is not taken for the one that was left.
 */
export class SlotKeeper {
  readonly #options: SlotKeeperOptions;
  #system: System | undefined;
  #appliedTo = lsn(0n);
  /** Whether a session has been live: then there is something that can be missed. */
  #wasLive = false;
  /** What was missed and not told so far: an attempt that finds it out can fail before it is told. */
  #owed: GapReason | null = null;
  #unreadable = false;
  /** The stream ended at a text that the server cannot send in UTF-8: the next one is sent as it is stored. */
  #asStored = false;
  #ownPid: number | undefined;

  constructor(options: SlotKeeperOptions) {
    this.#options = options;
  }

  /** Everything before this position has been applied. */
  applied(upTo: Lsn): void {
    if (upTo > this.#appliedTo) this.#appliedTo = upTo;
  }

  /** A durable slot sends again what was applied and not yet confirmed when the connection broke. */
  wasApplied(commitLsn: Lsn): boolean {
    return this.#options.durable !== undefined && commitLsn < this.#appliedTo;
  }

  /** The session is live, and its continuity told. */
  settled(): void {
    this.#owed = null;
    this.#wasLive = true;
    this.#asStored = false;
  }

  /** The stream has ended. If the slot cannot be read any more, the next attempt makes it anew. */
  failed(error: unknown): void {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return;
    if (UNREADABLE.has(error.code)) this.#unreadable = true;
    if (NOT_IN_UTF8.has(error.code)) this.#asStored = true;
  }

  /**
   * Runs on the connection that will stream. Creates what is missing.
   *
   * @param publishedBy the ids of the transactions that last changed what is published of the watched tables
   */
  async open(
    client: Client,
    walSenderTimeoutMs: number,
    publishedBy: readonly string[],
  ): Promise<OpenedSlot> {
    const settings = {
      lock_timeout: String(this.#options.lockTimeoutMs),
      wal_sender_timeout: String(walSenderTimeoutMs),
      as_stored: this.#asStored ? 'on' : 'off',
    };
    await client.query(sql('replication/session.sql', settings));
    const moved = await this.#identify(client);
    const { durable } = this.#options;
    const opened = durable
      ? await this.#openDurable(client, durable, moved, publishedBy)
      : // To create one waits for every open transaction.
        { ...(await this.#waiting(client, createTemporarySlot(client))), streamsFrom: 'beginning' as const };
    this.applied(opened.confirmed);
    this.#unreadable = false;
    this.#ownPid = processId(client);
    const continuity = this.#owed ?? (durable ? 'continued' : 'reconnected');
    return { ...opened, continuity, encoding: this.#asStored ? 'ascii' : 'utf8' };
  }

  /** Whether it is another server than the last time. */
  async #identify(client: Client): Promise<boolean> {
    const system = await identify(client);
    const before = this.#system;
    this.#system = system;
    const moved =
      before !== undefined && (before.systemid !== system.systemid || before.timeline !== system.timeline);
    if (!moved) return false;
    this.#appliedTo = lsn(0n);
    if (this.#wasLive) this.#owed ??= 'failover';
    return true;
  }

  async #openDurable(
    client: Client,
    durable: DurableSlot,
    moved: boolean,
    publishedBy: readonly string[],
  ): Promise<Omit<OpenedSlot, 'continuity' | 'encoding'>> {
    const { name } = durable;
    const describe = () => describeSlot(client, name, publishedBy);
    const slot = await this.#freeFromOurselves(client, describe, moved);
    if (slot !== null) requireUsable(name, slot);
    const confirmed = slot && confirmedLsn(slot);
    if (slot === null || confirmed === null || slot.lost || this.#unreadable) {
      if (slot !== null) await dropSlot(client, name);
      this.#appliedTo = lsn(0n);
      // A slot that was there has stood for somebody, even if this process has just begun.
      if (slot !== null || this.#wasLive) this.#owed ??= 'slot-lost';
      const created = await this.#waiting(client, createDurableSlot(client, durable));
      return { slot: name, confirmed: created, streamsFrom: 'beginning' };
    }
    // Somebody has confirmed what we have not applied, or has made the slot anew under its name.
    if (this.#appliedTo > 0n && confirmed > this.#appliedTo && this.#wasLive) this.#owed ??= 'slot-lost';
    // What the publication did not hold at the time, the server skips, from PostgreSQL 18 on without an error.
    // A process that was live before knows exactly what has changed meanwhile; this one knows only that it may.
    if (!this.#wasLive && slot.republished) this.#owed ??= 'unwatched';
    return { slot: name, confirmed, streamsFrom: slot.republished ? 'changed' : 'known' };
  }

  /** Our last connection, if the server has not noticed its end yet: it will not use the slot any more. */
  async #freeFromOurselves(
    client: Client,
    describe: () => Promise<SlotState | null>,
    moved: boolean,
  ): Promise<SlotState | null> {
    const slot = await describe();
    if (moved || !slot?.active_pid || slot.active_pid !== this.#ownPid) return slot;
    await client.query(sql('replication/end-own-sender.sql', { pid: String(slot.active_pid) }));
    return describe();
  }

  async #waiting<T>(client: Client, creation: Promise<T>): Promise<T> {
    try {
      return await creation;
    } catch (error) {
      throw isBlocked(error) ? await slotBlocked(client, this.#options.lockTimeoutMs) : error;
    }
  }
}

/** A replication command; the names of its columns are given in PostgreSQL documentation, 54.4. */
async function identify(client: Client): Promise<System> {
  const { rows } = await client.query<System>('IDENTIFY_SYSTEM');
  const { systemid = '', timeline = 0 } = rows[0] ?? {};
  return { systemid, timeline };
}
