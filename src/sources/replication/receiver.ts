import type { LogicalMessage } from '../../changes/logical-message.js';
import { formatLsn, type Lsn } from '../../changes/lsn.js';
import { PgCacheWatchError } from '../../errors.js';
import type { Message } from './messages.js';
import { RawRow } from './raw-row.js';
import type { Relations } from './relations.js';
import { type Limits, TransactionBuffer, WHOLE_TABLE } from './transaction-buffer.js';

export interface ReceiverOptions {
  readonly relations: Relations;
  readonly limits: Limits;
  /** A transaction has arrived whole. */
  readonly onTransaction: (transaction: TransactionBuffer) => void;
  /** A message outside of transactions. */
  readonly onMessage: (message: LogicalMessage) => void;
  /** A relation is named that nothing is known of: it may be a new partition. */
  readonly onUnknownRelation: () => void;
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
    const { relations, limits, onTransaction, onMessage, onUnknownRelation, onError } = this.#options;
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
        relations.describe(message);
        if (relations.table(message.oid) === undefined) onUnknownRelation();
        return;
      case 'row':
        return this.#row(message);
      case 'truncate':
        for (const oid of message.oids) this.#truncate(oid);
        return;
      case 'message': {
        const { transactional, prefix, content, lsn } = message;
        const logical = { prefix, content, transactional, lsn: formatLsn(lsn) };
        if (!transactional) return onMessage(logical);
        if (this.#open?.addMessage(logical) === false) onError(tooManyMessages(lsn));
        return;
      }
      case 'unreadable':
        return onError(message.error);
      case 'other':
    }
  }

  #row({ oid, operation, content }: Extract<Message, { tag: 'row' }>): void {
    const layout = this.#options.relations.layout(oid);
    if (layout === null) return this.#open?.addUnknown(oid, operation);
    if (this.#open === undefined || this.#open.isCollapsed(layout.relation)) return;
    // The buffer is the socket's, and will be written over.
    this.#open.add(new RawRow(operation, layout, Buffer.from(content)), content.length);
  }

  #truncate(oid: number): void {
    const relation = this.#options.relations.table(oid);
    if (relation) this.#open?.add({ ...WHOLE_TABLE, operation: 'truncate', relation }, 0);
    else this.#open?.addUnknown(oid, 'truncate');
  }
}

function tooManyMessages(position: Lsn): PgCacheWatchError {
  const at = formatLsn(position);
  return new PgCacheWatchError('UNREADABLE', `A transaction holds more logical messages than fit, at ${at}`, {
    remedy: 'Raise maxChangesPerTransaction, or send them in several transactions.',
  });
}
