import type { Operation } from '../../changes/change-event.js';
import type { Lsn } from '../../changes/lsn.js';

/** A table as the stream describes it, before the first change of it and after every ALTER TABLE. */
export interface RelationMessage {
  readonly tag: 'relation';
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

/** What the server sends, as far as it concerns us (PostgreSQL documentation, 54.9). */
export type Message =
  | { readonly tag: 'begin'; readonly xid: number; readonly commitLsn: Lsn; readonly committedAt: Date }
  | { readonly tag: 'commit' }
  | RelationMessage
  /** A row, not decoded: `content` is the message itself and belongs to the socket, not to us. */
  | { readonly tag: 'row'; readonly operation: Operation; readonly oid: number; readonly content: Buffer }
  | { readonly tag: 'truncate'; readonly oids: readonly number[] }
  | {
      readonly tag: 'message';
      readonly transactional: boolean;
      readonly lsn: Lsn;
      readonly prefix: string;
      readonly content: Buffer;
    }
  | { readonly tag: 'other' }
  | { readonly tag: 'unreadable'; readonly error: Error };
