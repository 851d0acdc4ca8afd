import { EventEmitter } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import type { Client } from 'pg';
import { LogicalReplicationService } from 'pg-logical-replication';
import { formatLsn, type Lsn, lsn, parseLsn } from '../../changes/lsn.js';
import { PgCacheWatchError } from '../../errors.js';
import { type ConnectionOption, clientConfig } from '../connection.js';
import { FairShare } from '../fair-share.js';
import { Decoder } from './decoder.js';
import type { Message } from './messages.js';

export interface StreamOptions {
  readonly connection: ConnectionOption;
  readonly publication: string;
  /** Makes the stream's own connection ready; returns the slot to read. */
  readonly prepare: (client: Client) => Promise<string>;
  readonly onMessage: (message: Message) => void;
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
  #fairShare: FairShare | undefined;
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
    this.#service.on('data', (_lsn: string, message: Message) => {
      if (this.#over) return;
      this.#fairShare?.taken();
      options.onMessage(message);
    });
    this.#service.on('heartbeat', (position, _timestamp, replyWanted) => {
      if (!this.#over) options.onKeepalive(parseLsn(position), replyWanted);
    });
    // One failure comes twice: here, and as the rejection of `subscribe`.
    this.#service.on('error', (error) => this.#end(error));
  }

  /** Resolves when the server has begun to stream. */
  async start(): Promise<void> {
    const { publication } = this.#options;
    if (this.#over) throw closed();
    const prepare = (client: Client) => {
      if (this.#over) throw closed();
      this.#fairShare = new FairShare(client.connection.stream);
      return this.#options.prepare(client);
    };
    const started = new Promise<void>((resolve) => this.#service.on('start', () => resolve()));
    const decoder = new Decoder({ publication, prepare });
    // `subscribe` resolves when the stream has ended.
    const ended = this.#service
      .subscribe(decoder, '')
      .then(() =>
        Promise.reject(new PgCacheWatchError('CONNECTION', 'The server has ended the replication stream')),
      );
    ended.catch((error: unknown) => this.#end(error));
    this.#created = immediate().then(() => this.#guard());
    await Promise.race([started, ended]);
  }

  /** Reads no more until it is let go; the server stops sending when the socket is full. */
  hold(held: boolean): void {
    this.#fairShare?.hold(held);
  }

  /** Confirms all bytes before `upTo`. */
  confirm(upTo: Lsn, ping: boolean): void {
    // The library adds one to what it is given: it is meant to be the last byte.
    if (!this.#over && upTo > 0n) void this.#service.acknowledge(formatLsn(lsn(upTo - 1n)), ping);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#over = true;
    // Before the library has made its client, it would forget it without ending it, and that one would go on.
    await this.#created;
    await this.#service.destroy().catch(() => {});
  }

  /**
   * The library listens to its client's errors only once that is connected: an error in the same packet as the
   * end of the greeting, such as a shutdown's, would be an uncaught exception. By now there is a client, and
   * no answer of the server yet.
   */
  #guard(): void {
    const client = clientOf(this.#service);
    client?.on('error', (error) => this.#end(error));
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd(error);
  }
}

function closed(): PgCacheWatchError {
  return new PgCacheWatchError('STATE', 'The replication stream was closed before it began');
}

/** The library keeps its client to itself. */
function clientOf(service: LogicalReplicationService): EventEmitter | undefined {
  const client: unknown = Reflect.get(service, '_client');
  return client instanceof EventEmitter ? client : undefined;
}
