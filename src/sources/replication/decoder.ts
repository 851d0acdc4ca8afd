import type { Client } from 'pg';
import { PgoutputPlugin } from 'pg-logical-replication';
import { lsn, parseLsn } from '../../changes/lsn.js';
import { asError, PgCacheWatchError } from '../../errors.js';
import type { Message } from './messages.js';

const INSERT = 0x49;
const UPDATE = 0x55;
const DELETE = 0x44;
const TRUNCATE = 0x54;

export interface DecoderOptions {
  readonly publication: string;
  /** Makes the connection ready and says which slot to read. Runs on the very connection of the stream. */
  readonly prepare: (client: Client) => Promise<string>;
}

/**
 * A plugin for pg-logical-replication: pgoutput's messages, by pg-logical-replication's parser; except the rows, which are left as they are:
 * most of them are never looked at, and its parser would use pg's global type parsers on every value.
 */
export class Decoder {
  readonly options: DecoderOptions;
  readonly #pgoutput: PgoutputPlugin;

  constructor(options: DecoderOptions) {
    this.options = options;
    // The parser of `publication_names` folds to lower case what is not quoted, and the library puts the
    // names into a literal as they are.
    const name = `"${options.publication.replaceAll('"', '""')}"`.replaceAll("'", "''");
    this.#pgoutput = new PgoutputPlugin({ protoVersion: 1, publicationNames: [name], messages: true });
  }

  get name(): string {
    return this.#pgoutput.name;
  }

  async start(client: Client): Promise<unknown> {
    const slot = await this.options.prepare(client);
    // 0/0: where the slot stands. The library would otherwise go on after what it has received last.
    return this.#pgoutput.start(client, slot, '0/0');
  }

  /** Never throws: it runs in the socket's callback, where an exception would end the process. */
  parse(content: Buffer): Message {
    try {
      return this.#decode(content);
    } catch (thrown) {
      return { tag: 'unreadable', error: unreadable(asError(thrown)) };
    }
  }

  #decode(content: Buffer): Message {
    switch (content[0]) {
      case INSERT:
        return { tag: 'row', operation: 'insert', oid: content.readUInt32BE(1), content };
      case UPDATE:
        return { tag: 'row', operation: 'update', oid: content.readUInt32BE(1), content };
      case DELETE:
        return { tag: 'row', operation: 'delete', oid: content.readUInt32BE(1), content };
      case TRUNCATE:
        return { tag: 'truncate', oids: truncatedOids(content) };
    }
    const message = this.#pgoutput.parse(content);
    switch (message.tag) {
      case 'begin': {
        const committedAt = new Date(Number(message.commitTime) / 1000);
        return {
          tag: 'begin',
          xid: message.xid >>> 0,
          commitLsn: parseLsn(message.commitLsn ?? '0/0'),
          committedAt,
        };
      }
      case 'commit':
        return { tag: 'commit' };
      case 'relation': {
        const columns = message.columns.map(({ name, typeOid, flags }) => ({
          name,
          typeOid: typeOid >>> 0,
          identity: (flags & 1) === 1,
        }));
        // A schema is sent empty where it is pg_catalog.
        const schema = message.schema === '' ? 'pg_catalog' : message.schema;
        return { tag: 'relation', oid: message.relationOid >>> 0, schema, table: message.name, columns };
      }
      case 'message': {
        const { transactional, prefix } = message;
        const position = message.messageLsn === null ? lsn(0n) : parseLsn(message.messageLsn);
        return {
          tag: 'message',
          transactional,
          lsn: position,
          prefix,
          content: Buffer.from(message.content),
        };
      }
      default:
        return { tag: 'other' };
    }
  }
}

/** The library's parser loses the oids of relations that it was not told of before. */
function truncatedOids(content: Buffer): number[] {
  const count = content.readUInt32BE(1);
  if (content.length < 6 + 4 * count) throw new Error('a truncate message ends too soon');
  return Array.from({ length: count }, (_, i) => content.readUInt32BE(6 + 4 * i));
}

function unreadable(cause: Error): PgCacheWatchError {
  return new PgCacheWatchError('UNREADABLE', `A replication message cannot be read: ${cause.message}`, {
    cause,
    remedy: 'It reconnects and goes on from there. If it recurs, report it with the version of the server.',
  });
}
