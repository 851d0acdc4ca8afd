import { PgoutputPlugin } from 'pg-logical-replication';
import { lsn, lsnAt, parseLsn } from '../../changes/lsn.js';
import { asError } from '../../errors.js';
import type { MessageHandler } from './messages.js';

const BEGIN = 0x42;
const BEGIN_LENGTH = 21;
const COMMIT = 0x43;
const COMMIT_LENGTH = 26;
const INSERT = 0x49;
const UPDATE = 0x55;
const DELETE = 0x44;
const TRUNCATE = 0x54;
const RELATION = 0x52;
const MESSAGE = 0x4d;
const ORIGIN = 0x4f;
const TYPE = 0x59;
/** The tag, and the relation's oid. */
const ROW_HEADER = 5;

/** 2000-01-01, from which the server counts microseconds. */
const SERVER_EPOCH_MS = 946_684_800_000;

/**
 * Tells pgoutput's messages. Those that come for every transaction are read here, and rows are left as they are:
 * most of them are never looked at. The others, which are rare, go through pg-logical-replication's parser.
 *
 * Never throws.
 */
export function decode(content: Buffer, start: number, end: number, to: MessageHandler): void {
  const tag = content[start];
  switch (tag) {
    case BEGIN:
      if (end - start !== BEGIN_LENGTH)
        return to.broken(new Error('a transaction begins with too few bytes'));
      return to.begin(
        content.readUInt32BE(start + 17),
        lsnAt(content, start + 1),
        timeAt(content, start + 9),
      );
    case COMMIT:
      if (end - start !== COMMIT_LENGTH) return to.broken(new Error('a commit message ends too soon'));
      return to.commit(lsnAt(content, start + 2));
    case INSERT:
    case UPDATE:
    case DELETE: {
      if (end - start < ROW_HEADER) return to.unreadable(new Error('a row message ends too soon'), null);
      const operation = tag === INSERT ? 'insert' : tag === UPDATE ? 'update' : 'delete';
      return to.row(operation, content.readUInt32BE(start + 1), content, start, end);
    }
    case TRUNCATE:
      return truncate(content, start, end, to);
    case RELATION:
    case MESSAGE:
      return rare(tag, content.subarray(start, end), to);
    case ORIGIN:
    case TYPE:
      return;
    default:
      to.unreadable(new Error(`a message of an unknown type, ${tag === undefined ? 'empty' : tag}`), 'any');
  }
}

/** In milliseconds, as Date counts them. */
function timeAt(content: Buffer, at: number): number {
  const microseconds = content.readInt32BE(at) * 2 ** 32 + content.readUInt32BE(at + 4);
  return SERVER_EPOCH_MS + Math.floor(microseconds / 1000);
}

/** The library's parser loses the oids of relations that it was not told of before. */
function truncate(content: Buffer, start: number, end: number, to: MessageHandler): void {
  const count = end - start < 6 ? -1 : content.readUInt32BE(start + 1);
  if (end - start !== 6 + 4 * count) {
    return to.unreadable(new Error('a truncate message of the wrong length'), null);
  }
  to.truncate(Array.from({ length: count }, (_, i) => content.readUInt32BE(start + 6 + 4 * i)));
}

function rare(tag: number, content: Buffer, to: MessageHandler): void {
  try {
    // A parser of its own each time: it keeps every relation that it was ever told of.
    const message = new PgoutputPlugin({ protoVersion: 1, publicationNames: [] }).parse(content);
    if (message.tag === 'relation') {
      const columns = message.columns.map(({ name, typeOid, flags }) => ({
        name,
        typeOid: typeOid >>> 0,
        identity: (flags & 1) === 1,
      }));
      // A schema is sent empty where it is pg_catalog.
      const schema = message.schema === '' ? 'pg_catalog' : message.schema;
      to.relation({ oid: message.relationOid >>> 0, schema, table: message.name, columns });
    } else if (message.tag === 'message') {
      const { transactional, prefix, messageLsn } = message;
      const position = messageLsn === null ? lsn(0n) : parseLsn(messageLsn);
      to.message({ transactional, lsn: position, prefix, content: Buffer.from(message.content) });
    }
  } catch (thrown) {
    const described = content.length < ROW_HEADER ? 'any' : content.readUInt32BE(1);
    to.unreadable(asError(thrown), tag === RELATION ? described : null);
  }
}
