import type { Operation } from '../../changes/change-event.js';
import type { LogicalMessage } from '../../changes/logical-message.js';
import { formatLsn, type Lsn } from '../../changes/lsn.js';
import { WHOLE_TABLE } from '../../changes/whole-table.js';
import { PgCacheWatchError } from '../../errors.js';
import type { TransactionLimits } from '../transaction-limits.js';
import type { EmittedMessage, MessageHandler, RelationMessage } from './messages.js';
import { RawRow } from './raw-row.js';
import type { Relations } from './relations.js';
import { isWhole } from './row-message.js';
import { Slab } from './slab.js';
import { TransactionBuffer } from './transaction-buffer.js';

export interface ReceiverOptions {
  readonly relations: Relations;
  readonly limits: TransactionLimits;
  /** A transaction has arrived whole. */
  readonly onTransaction: (transaction: TransactionBuffer) => void;
  /** A message outside of transactions. */
  readonly onMessage: (message: LogicalMessage) => void;
  /** Something outside of transactions cannot be read. */
  readonly onUnreadable: (error: Error) => void;
  /** Where a transaction begins or ends cannot be read: nothing can be made of what follows. */
  readonly onError: (error: unknown) => void;
}

/** Puts the messages of the stream together to transactions. Protocol version 1: one at a time. */
export class Receiver implements MessageHandler {
  readonly #options: ReceiverOptions;
  readonly #slab = new Slab();
  #open: TransactionBuffer | undefined;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** Whether a transaction has begun to arrive. */
  get isReceiving(): boolean {
    return this.#open !== undefined;
  }

  begin(xid: number, commitLsn: Lsn, committedAtMs: number): void {
    if (this.#open) return this.broken(new Error('a transaction begins within another one'));
    this.#open = new TransactionBuffer(xid, commitLsn, committedAtMs, this.#options.limits);
  }

  commit(commitLsn: Lsn): void {
    const transaction = this.#open;
    if (transaction?.position !== commitLsn) {
      return this.broken(new Error('a commit that is not that of the transaction that has begun'));
    }
    this.#open = undefined;
    transaction.received();
    this.#options.onTransaction(transaction);
  }

  relation(message: RelationMessage): void {
    if (this.#options.relations.describe(message)) this.#open?.redescribed();
  }

  row(operation: Operation, oid: number, content: Buffer, start: number, end: number): void {
    const transaction = this.#open;
    if (transaction === undefined) return this.broken(new Error('a row outside of any transaction'));
    if (transaction.unreadable !== null) return;
    const described = this.#options.relations.described(oid);
    if (described === undefined) return this.#whole(transaction, oid, operation);
    if (transaction.covers(described.layout.relation, operation)) return;
    if (!isWhole(operation, content, start, end, described.message.columns.length)) {
      return this.unreadable(new Error(`a row of ${described.message.table} that is not whole`), null);
    }
    // The buffer is the socket's, and will be written over.
    const copy = this.#slab.copy(content, start, end);
    transaction.add(new RawRow(operation, described, copy.content, copy.start), end - start);
  }

  truncate(oids: readonly number[]): void {
    const transaction = this.#open;
    if (transaction === undefined) return this.broken(new Error('a truncate outside of any transaction'));
    for (const oid of oids) this.#whole(transaction, oid, 'truncate');
  }

  message({ transactional, prefix, content, lsn }: EmittedMessage): void {
    const logical = { prefix, content, transactional, lsn: formatLsn(lsn) };
    if (transactional) this.#open?.addMessage(logical);
    else this.#options.onMessage(logical);
  }

  unreadable(cause: Error, concerns: number | 'any' | null): void {
    if (concerns !== null) {
      this.#options.relations.undescribe(concerns);
      this.#open?.redescribed();
    }
    const error = unreadable(
      'A replication message',
      cause,
      'Everything cached was dropped, and it goes on.',
    );
    if (this.#open) this.#open.becomeUnreadable(error);
    else this.#options.onUnreadable(error);
  }

  broken(cause: Error): void {
    this.#open = undefined;
    this.#options.onError(
      unreadable('The replication stream', cause, 'It reconnects, and begins again from there.'),
    );
  }

  #whole(transaction: TransactionBuffer, oid: number, operation: Operation): void {
    const { relations } = this.#options;
    const relation = relations.table(oid);
    if (relation) transaction.add({ ...WHOLE_TABLE, operation, relation }, 0);
    else if (!relations.isForeign(oid)) transaction.addUnknown(oid, operation, relations.describedAt(oid));
  }
}

function unreadable(what: string, cause: Error, then: string): PgCacheWatchError {
  return new PgCacheWatchError('UNREADABLE', `${what} cannot be read: ${cause.message}`, {
    cause,
    remedy: `${then} If it recurs, report it with the version of the server.`,
  });
}
