import { EventEmitter } from 'node:events';
import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import type { Client } from 'pg';
import { LogicalReplicationService } from 'pg-logical-replication';
import { formatLsn, type Lsn, lsn } from '../../changes/lsn.js';
import { PgCacheWatchError } from '../../errors.js';
import { Brake, type Pausable } from '../brake.js';
import { takeOver } from '../connection/own-client.js';
import { beginSession } from '../connection/session.js';
import { type ConnectionOption, clientConfig } from '../connection.js';
import { FairShare } from '../fair-share.js';
import { type PaceOptions, ReadingPace } from '../reading-pace.js';
import { Pgoutput } from './pgoutput.js';
import { WalReader } from './wal-reader.js';

export interface StreamOptions {
  readonly connection: ConnectionOption;
  readonly publication: string;
  /** Makes the stream's own connection ready; returns the slot to read. */
  readonly prepare: (client: Client) => Promise<string>;
  /** The server has said something: called once for all that was read at once, before it is handed on. */
  readonly onRead: () => void;
  /** A message of the output plugin: `content` from `start` to `end`, which belongs to the socket. */
  readonly onMessage: (content: Buffer, start: number, end: number) => void;
  readonly onKeepalive: (serverLsn: Lsn, replyWanted: boolean) => void;
  /** The stream is over, for whatever reason. Called once. */
  readonly onEnd: (error: unknown) => void;
}

/**
 * One subscription of pg-logical-replication, from its start to its end, never used again: a second
 * subscription of one service skips what the first has received.
 */
export class ReplicationStream {
  readonly #service: LogicalReplicationService;
  readonly #options: StreamOptions;
  #client: Client | undefined;
  #holding: Pausable | undefined;
  #created: Promise<void> = Promise.resolve();
  #over = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    const config = clientConfig(options.connection, 'pgcachewatch replication');
    // The library's own acknowledging confirms what was received, not what was applied, even with `auto`
    // off as long as there is a time-out.
    this.#service = new LogicalReplicationService(config, {
      acknowledge: { auto: false, timeoutSeconds: 0 },
      flowControl: { enabled: false },
    });
    // One failure comes twice: here, and as the rejection of `subscribe`.
    this.#service.on('error', (error) => this.#end(error));
  }

  /** Resolves when the server has begun to stream. */
  async start(): Promise<void> {
    const { publication } = this.#options;
    if (this.#over) throw closed();
    const prepare = async (client: Client) => {
      if (this.#over) throw closed();
      await beginSession(client, { replication: true });
      const slot = await this.#options.prepare(client);
      this.#read(client);
      return slot;
    };
    const started = new Promise<void>((resolve) => this.#service.on('start', () => resolve()));
    const plugin = new Pgoutput(publication, prepare);
    // `subscribe` resolves when the stream has ended.
    const ended = this.#service
      .subscribe(plugin, '')
      .then(() =>
        Promise.reject(new PgCacheWatchError('CONNECTION', 'The server has ended the replication stream')),
      );
    ended.catch((error: unknown) => this.#end(error));
    this.#created = immediate().then(() => this.#guard());
    await Promise.race([started, ended]);
  }

  /** Reads no more until it is let go; the server stops sending when the socket is full. */
  hold(held: boolean): void {
    if (held) this.#holding?.pause();
    else this.#holding?.resume();
  }

  /** Confirms all bytes before `upTo`. */
  confirm(upTo: Lsn, ping: boolean): void {
    // The library adds one to what it is given: it is meant to be the last byte.
    if (!this.#over && upTo > 0n) void this.#service.acknowledge(formatLsn(lsn(upTo - 1n)), ping);
  }

  /**
   * Ends the stream as the protocol has it: its answer says that the server has read all it was told before. To just
   * end the connection would lose that where something is still on its way from the server.
   */
  async finish(): Promise<void> {
    const { connection } = this.#client ?? {};
    if (this.#over || connection === undefined) return;
    this.#over = true;
    const answered = new Promise<void>((resolve) => {
      for (const event of ['copyDone', 'end']) connection.once(event, () => resolve());
    });
    connection.stream.write(COPY_DONE);
    const impatience = new AbortController();
    await Promise.race([answered, delay(PATIENCE_MS, undefined, impatience).catch(() => {})]);
    impatience.abort();
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#over = true;
    // Before the library has made its client, it would forget it without ending it, and that one would go on.
    await this.#created;
    await this.#service.destroy().catch(() => {});
  }

  #read(client: Client): void {
    this.#client = client;
    const { onRead, onMessage, onKeepalive } = this.#options;
    const { stream } = client.connection;
    const brake = new Brake(stream);
    this.#holding = brake.pedal();
    const pace = new ReadingPace(brake.pedal(), PACE);
    WalReader.attach(client, {
      onRead: () => this.#over || onRead(),
      onMessage: (content, start, end) => this.#over || onMessage(content, start, end),
      onKeepalive: (position, replyWanted) => this.#over || onKeepalive(position, replyWanted),
      onError: (error) => this.#end(error),
    });
    const fairShare = new FairShare(brake.pedal());
    stream.on('data', (chunk: Buffer) => {
      fairShare.taken();
      pace.taken(chunk.length);
    });
  }

  /**
   * By now the library has made its client, and the server has not answered yet. The client becomes ours, as every
   * other one. And the library listens to its errors only once it is connected: one in the same packet as the end of
   * the greeting, such as a shutdown's, would be an uncaught exception.
   */
  #guard(): void {
    const client = clientOf(this.#service);
    if (client === undefined) return;
    client.on('error', (error) => this.#end(error));
    takeOver(client, { replication: true });
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd(error);
  }
}

/** Beginning with some 2,700 transactions of one row a second, of which each is three packets, and 250 bytes. */
const PACE: PaceOptions = { reads: 8, withinMs: 1, busyBytesPerMs: 500, settledBy: 'turn' };

const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
/** A server that is well answers at once, unless it is in the middle of a large transaction. */
const PATIENCE_MS = 500;

function closed(): PgCacheWatchError {
  return new PgCacheWatchError('STATE', 'The replication stream was closed before it began');
}

/** The library keeps its client to itself. */
function clientOf(service: LogicalReplicationService): Client | undefined {
  const client: unknown = Reflect.get(service, '_client');
  return isClient(client) ? client : undefined;
}

/** The library may have a copy of pg of its own, of which ours is not the class. */
function isClient(value: unknown): value is Client {
  return value instanceof EventEmitter && 'connection' in value && 'query' in value;
}
