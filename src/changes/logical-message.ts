/** A message that somebody put into the WAL with `pg_logical_emit_message`. */
export interface LogicalMessage {
  readonly prefix: string;
  readonly content: Buffer;
  /** Whether it was sent as a part of a transaction, and so only if that committed. */
  readonly transactional: boolean;
  /** Where it stands in the WAL, as Postgres prints it. */
  readonly lsn: string;
}
