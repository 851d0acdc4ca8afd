/**
 * Why changes may have been missed.
 *
 * - `reconnected`: the connection was lost, and with it what happened until it was back.
 * - `slot-lost`: the server gave up the WAL that a durable slot was to keep.
 * - `failover`: another server, or another timeline, answers at the address.
 * - `overflow`: more arrived than the limits let us hold.
 * - `unreadable`: something was announced that could not be decoded.
 * - `unwatched`: a watched table had lost, for a while, what makes its changes known.
 * - `switched`: the source changed from one mode to another.
 */
export type GapReason =
  | 'reconnected'
  | 'slot-lost'
  | 'failover'
  | 'overflow'
  | 'unreadable'
  | 'unwatched'
  | 'switched';

/** Changes may have been missed: whatever was derived from the database must be derived again. */
export interface Gap {
  readonly reason: GapReason;
  /** What happened, for people. */
  readonly detail: string;
  readonly at: Date;
}
