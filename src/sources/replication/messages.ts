import type { Operation } from '../../changes/change-event.js';
import type { Lsn } from '../../changes/lsn.js';

/** A table as the stream describes it, before the first change of it and after every ALTER TABLE. */
export interface RelationMessage {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly RelationColumn[];
}

export interface RelationColumn {
  readonly name: string;
  readonly typeOid: number;
  /** Whether it is part of the replica identity: its value before an UPDATE or DELETE is told. */
  readonly identity: boolean;
}

/** A message that somebody put into the WAL. */
export interface EmittedMessage {
  readonly transactional: boolean;
  readonly lsn: Lsn;
  readonly prefix: string;
  readonly content: Buffer;
}

/** Is told what the server sends, as far as it concerns us (PostgreSQL documentation, 54.9). */
export interface MessageHandler {
  begin(xid: number, commitLsn: Lsn, committedAtMs: number): void;
  commit(commitLsn: Lsn): void;
  relation(message: RelationMessage): void;
  /** A row, not decoded: the message is `content` from `start` to `end`, and belongs to the socket, not to us. */
  row(operation: Operation, oid: number, content: Buffer, start: number, end: number): void;
  truncate(oids: readonly number[]): void;
  message(message: EmittedMessage): void;
  /**
   * A message that cannot be read, or is of no known type.
   *
   * @param concerns what may have been described by it: one relation, any, or none
   */
  unreadable(error: Error, concerns: number | 'any' | null): void;
  /** What cannot be read is where a transaction begins or ends: then nothing can be known of what follows. */
  broken(error: Error): void;
}
