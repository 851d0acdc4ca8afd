import type { ChangeTransaction } from '../changes/change-transaction.js';
import type { Gap, GapReason } from '../changes/gap.js';

/** What a source has told since it was made, and what it holds. */
export interface ChangeStatistics {
  /** Transactions that were told of, and the changes in them. */
  readonly transactions: number;
  readonly changes: number;
  /**
   * Those of the transactions in which the changes of a table became one of the whole table, because there were
   * more than are held: of one transaction, or of all that wait.
   */
  readonly collapsed: number;
  /** How often what an iteration had not taken became changes of whole tables. */
  readonly collapsedIterations: number;
  readonly gaps: Readonly<Record<GapReason, number>>;
  /** How often it was live, and then was not. */
  readonly interruptions: number;
  /** What has been received and cannot be seen by a query yet: held in memory now. From replication only. */
  readonly waiting: Waiting;
  /** How full the server's queue of notifications was when last looked at, from 0 to 1. From notify only. */
  readonly notificationQueue: number | null;
}

export interface Waiting {
  readonly transactions: number;
  readonly changes: number;
  readonly bytes: number;
}

/** What a session adds to the statistics. */
export type Held = Pick<ChangeStatistics, 'waiting' | 'notificationQueue'>;

export const NOTHING_WAITS: Waiting = { transactions: 0, changes: 0, bytes: 0 };

const NOTHING_HELD: Held = { waiting: NOTHING_WAITS, notificationQueue: null };

/** A transaction as a session tells it. */
export interface ToldTransaction extends ChangeTransaction {
  /** How many changes it has; to ask does not make them. */
  readonly size: number;
  /** How many bytes these hold, about. */
  readonly bytes: number;
  /** Whether some of them stand for more than were held. */
  readonly isCollapsed: boolean;
}

/** The same while it is counted. */
export class ChangeCounters {
  collapsedIterations = 0;
  interruptions = 0;
  #transactions = 0;
  #changes = 0;
  #collapsed = 0;
  readonly #gaps: Record<GapReason, number> = {
    reconnected: 0,
    'slot-lost': 0,
    failover: 0,
    overflow: 0,
    unreadable: 0,
    unwatched: 0,
    switched: 0,
  };

  transaction({ size, isCollapsed }: ToldTransaction): void {
    this.#transactions++;
    this.#changes += size;
    if (isCollapsed) this.#collapsed++;
  }

  gap({ reason }: Gap): void {
    this.#gaps[reason]++;
  }

  snapshot({ waiting, notificationQueue }: Held = NOTHING_HELD): ChangeStatistics {
    return {
      transactions: this.#transactions,
      changes: this.#changes,
      collapsed: this.#collapsed,
      collapsedIterations: this.collapsedIterations,
      gaps: { ...this.#gaps },
      interruptions: this.interruptions,
      waiting: { ...waiting },
      notificationQueue,
    };
  }
}
