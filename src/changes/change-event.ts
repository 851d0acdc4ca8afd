/** What was done to the row, or, for `truncate`, to the table. */
export type Operation = 'insert' | 'update' | 'delete' | 'truncate';

/** The kind of source an event came from. */
export type Origin = 'replication' | 'notify';

/** Column values by name, as `pg` returns them. A column that was not sent is absent, not `null`. */
export type Values = Readonly<Record<string, unknown>>;

/** The transaction that a change belongs to. */
export interface TransactionInfo {
  /** The transaction's full id (`xid8`); `null` where a trigger of another make did not tell it. */
  readonly xid: number | null;
  /** Where its commit record stands in the WAL, as Postgres prints it; `null` from the notify source. */
  readonly commitLsn: string | null;
  /** When it committed, by the server's clock; `null` from the notify source: a trigger runs before. */
  readonly committedAt: Date | null;
}

/** One committed change, visible to every query that starts now. The same from either source. */
export interface ChangeEvent {
  readonly operation: Operation;
  /** As stored in the catalog, unquoted; for a partition, its root. */
  readonly schema: string;
  readonly table: string;
  /**
   * The key columns after the change (for a delete: before it). `null` where the change stands for the
   * whole table: a truncate, a table without a key, or more rows than are told one by one.
   */
  readonly key: Values | null;
  /** The key before the change, where the change altered it. */
  readonly previousKey: Values | null;
  /** The row images, where the source carries them. */
  readonly before: Values | null;
  readonly after: Values | null;
  readonly transaction: TransactionInfo;
  /** When the database spoke, by its own clock. */
  readonly sentAt: Date;
  /** When this process heard it, by its own clock. */
  readonly receivedAt: Date;
  /** `receivedAt - sentAt` in milliseconds. Two clocks are involved: it can be below zero. */
  readonly latencyMs: number;
  readonly origin: Origin;
  /**
   * Postgres's own text of a column's value before the change: what row dependencies are matched by,
   * exactly. `null` is SQL's; `undefined`: there was no row before, or the source does not tell the value.
   */
  textBefore(column: string): string | null | undefined;
  /** The same after the change. */
  textAfter(column: string): string | null | undefined;
}
