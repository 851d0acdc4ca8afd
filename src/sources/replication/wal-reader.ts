import type { Client } from 'pg';
import { type Lsn, lsnAt } from '../../changes/lsn.js';
import { PgCacheWatchError } from '../../errors.js';

/** What of the stream concerns us. A buffer belongs to the socket: what is kept of it must be copied. */
export interface WalHandlers {
  /** The server has said something: called once for all that was read at once, before it is handed on. */
  readonly onRead: () => void;
  /** A message of the output plugin, which is `content` from `start` to `end`. */
  readonly onMessage: (content: Buffer, start: number, end: number) => void;
  readonly onKeepalive: (serverLsn: Lsn, replyWanted: boolean) => void;
  /** What came is no replication stream, or a handler has thrown. Nothing that comes after it is read. */
  readonly onError: (error: unknown) => void;
}

/** Of every message of the protocol: its kind, and how long it is, without the kind (54.7). */
const HEADER = 5;
const COPY_DATA = 0x64;
/** In CopyData: XLogData, with three numbers of 8 bytes before its content; and Primary keepalive (54.4). */
const XLOG_DATA = 0x77;
const XLOG_CONTENT = HEADER + 25;
const KEEPALIVE = 0x6b;
const KEEPALIVE_LENGTH = HEADER + 18;
/** What is held of an unfinished message grows from here; more than that is not held on to afterwards. */
const HELD = 64 * 1024;

/**
 * Reads the stream where it arrives. pg and pg-logical-replication would make an object, two events, a promise and
 * two texts of every message, which takes several times as long as what is done with most of them.
 */
export class WalReader {
  readonly #handlers: WalHandlers;
  /** Gets every message that is not part of the stream. */
  readonly #others: (message: Buffer) => void;
  /** The beginning of a message whose end has not come yet. */
  #held: Buffer = Buffer.allocUnsafeSlow(HELD);
  #length = 0;
  #failed = false;

  constructor(handlers: WalHandlers, others: (message: Buffer) => void) {
    this.#handlers = handlers;
    this.#others = others;
  }

  /** Reads a connection of pg from now on, on which nothing may be under way. pg gets what is not of the stream. */
  static attach({ connection: { stream } }: Client, handlers: WalHandlers): void {
    const listeners = stream.listeners('data');
    const reader = new WalReader(handlers, (message) => {
      for (const listener of listeners) listener.call(stream, message);
    });
    stream.removeAllListeners('data');
    stream.on('data', (chunk: Buffer) => reader.take(chunk));
  }

  /** Never throws: in the socket's callback, an exception would end the process. */
  take(chunk: Buffer): void {
    if (this.#failed) return;
    try {
      this.#handlers.onRead();
      this.#take(chunk);
    } catch (error) {
      this.#failed = true;
      this.#handlers.onError(error);
    }
  }

  #take(chunk: Buffer): void {
    let at = this.#length > 0 ? this.#complete(chunk) : 0;
    while (chunk.length - at >= HEADER) {
      const end = at + messageLength(chunk, at);
      if (end > chunk.length) break;
      this.#message(chunk, at, end);
      at = end;
    }
    if (at < chunk.length) this.#hold(chunk, at, chunk.length);
  }

  /** Adds to what is held until that is a message. Returns where in the chunk it ends. */
  #complete(chunk: Buffer): number {
    const atHeader = this.#holdUpTo(HEADER, chunk, 0);
    if (this.#length < HEADER) return atHeader;
    const length = messageLength(this.#held, 0);
    const at = this.#holdUpTo(length, chunk, atHeader);
    if (this.#length < length) return at;
    const message = this.#held;
    this.#length = 0;
    if (message.length > HELD) this.#held = Buffer.allocUnsafeSlow(HELD);
    this.#message(message, 0, length);
    return at;
  }

  #holdUpTo(length: number, chunk: Buffer, from: number): number {
    const to = Math.min(from + Math.max(0, length - this.#length), chunk.length);
    this.#hold(chunk, from, to);
    return to;
  }

  /** Grows with what has come, whatever length was announced. */
  #hold(chunk: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#length, from, to);
    this.#length = length;
  }

  #message(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] !== COPY_DATA) return this.#others(bytes.subarray(start, end));
    const kind = bytes[start + HEADER];
    if (kind === XLOG_DATA && end - start >= XLOG_CONTENT) {
      this.#handlers.onMessage(bytes, start + XLOG_CONTENT, end);
    } else if (kind === KEEPALIVE && end - start === KEEPALIVE_LENGTH) {
      this.#handlers.onKeepalive(lsnAt(bytes, start + HEADER + 1), bytes[end - 1] === 1);
    } else {
      throw notAStream('neither WAL nor a keepalive');
    }
  }
}

function messageLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 1);
  if (length < HEADER - 1) throw notAStream('a message that is shorter than its own length');
  return length + 1;
}

function notAStream(what: string): PgCacheWatchError {
  return new PgCacheWatchError('UNREADABLE', `The server sent what is not a replication stream: ${what}`, {
    remedy:
      'It connects again. If it recurs, connect to the server itself: a proxy may be altering the stream.',
  });
}
