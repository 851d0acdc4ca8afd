import type { Operation } from '../../changes/change-event.js';
import type { LogicalMessage } from '../../changes/logical-message.js';
import { formatLsn } from '../../changes/lsn.js';
import { WHOLE_TABLE } from '../../changes/whole-table.js';
import type { TransactionLimits } from '../transaction-limits.js';
import type { Message } from './messages.js';
import { RawRow } from './raw-row.js';
import type { Relations } from './relations.js';
import { TransactionBuffer } from './transaction-buffer.js';

export interface ReceiverOptions {
  readonly relations: Relations;
  readonly limits: TransactionLimits;
  /** A transaction has arrived whole. */
  readonly onTransaction: (transaction: TransactionBuffer) => void;
  /** A message outside of transactions. */
  readonly onMessage: (message: LogicalMessage) => void;
  readonly onError: (error: unknown) => void;
}

/** Puts the messages of the stream together to transactions. Protocol version 1: one at a time. */
export class Receiver {
  readonly #options: ReceiverOptions;
  #open: TransactionBuffer | undefined;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** Whether a transaction has begun to arrive. */
  get isReceiving(): boolean {
    return this.#open !== undefined;
  }

  receive(message: Message): void {
    const { relations, limits, onTransaction, onMessage, onError } = this.#options;
    switch (message.tag) {
      case 'begin':
        this.#open = new TransactionBuffer(message, limits);
        return;
      case 'commit': {
        const transaction = this.#open;
        this.#open = undefined;
        transaction?.received();
        if (transaction) onTransaction(transaction);
        return;
      }
      case 'relation':
        if (relations.describe(message)) this.#open?.redescribed();
        return;
      case 'row':
        return this.#row(message);
      case 'truncate':
        for (const oid of message.oids) this.#whole(oid, 'truncate');
        return;
      case 'message': {
        const { transactional, prefix, content, lsn } = message;
        const logical = { prefix, content, transactional, lsn: formatLsn(lsn) };
        if (!transactional) return onMessage(logical);
        return this.#open?.addMessage(logical);
      }
      case 'unreadable':
        return onError(message.error);
      case 'other':
    }
  }

  #row({ oid, operation, content }: Extract<Message, { tag: 'row' }>): void {
    const described = this.#options.relations.described(oid);
    if (described === undefined) return this.#whole(oid, operation);
    if (this.#open === undefined || this.#open.covers(described.layout.relation)) return;
    // The buffer is the socket's, and will be written over.
    this.#open.add(new RawRow(operation, described, Buffer.from(content)), content.length);
  }

  #whole(oid: number, operation: Operation): void {
    const { relations } = this.#options;
    const relation = relations.table(oid);
    if (relation) this.#open?.add({ ...WHOLE_TABLE, operation, relation }, 0);
    else if (!relations.isForeign(oid)) this.#open?.addUnknown(oid, operation, relations.describedAt(oid));
  }
}
