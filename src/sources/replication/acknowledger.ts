import { type Lsn, lsn } from '../../changes/lsn.js';

export interface AcknowledgerOptions {
  /** Confirms everything up to and including the byte before `upTo`. */
  readonly send: (upTo: Lsn, ping: boolean) => void;
  /** The server ends a connection it has not heard for so long; 0: never. */
  readonly walSenderTimeoutMs: number;
}

const LONGEST_PAUSE_MS = 1_000;

/** How often to send a status unasked: well inside the server's limit, and often enough to free WAL. */
export function statusIntervalMs(walSenderTimeoutMs: number): number {
  return walSenderTimeoutMs === 0 ? LONGEST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, walSenderTimeoutMs / 4);
}

/**
 * Tells the server how far its WAL was applied, so that it keeps no more than it must, and never one byte
 * beyond: the end of a commit can be exactly where the next commit record begins.
 */
export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  readonly #timer: NodeJS.Timeout;
  #applied = lsn(0n);
  /** The last commit record of which no account was taken yet. */
  #commit: Lsn | null = null;

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#send(false), statusIntervalMs(options.walSenderTimeoutMs));
  }

  /** How far the WAL is applied: what has been, or may be, confirmed. */
  get applied(): Lsn {
    if (this.#commit !== null) {
      const commit = this.#commit;
      this.#commit = null;
      this.#advance(lsn(commit + 1n));
    }
    return this.#applied;
  }

  /**
   * Where the slot stood when it was opened. Without it there would be nothing to confirm, and so nothing
   * to say to a server that waits for a word, before the first transaction is applied.
   */
  beginAt(confirmed: Lsn): void {
    this.#advance(confirmed);
  }

  /** A transaction was applied, whose commit record begins here. That record itself counts, no byte after. */
  transactionApplied(commitLsn: Lsn): void {
    // Transactions come in the order of their commits, and more often than anybody asks.
    this.#commit = commitLsn;
  }

  /**
   * A keepalive said how far the server has read.
   *
   * @param idle nothing that was received is still to be applied: so nothing up to there concerns us
   */
  keepalive(serverLsn: Lsn, idle: boolean, replyWanted: boolean): void {
    if (idle) this.#advance(serverLsn);
    if (replyWanted) this.#send(false);
  }

  /** Makes the server answer. */
  ping(): void {
    this.#send(true);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The last word before a connection is ended. */
  flush(): void {
    this.#send(false);
  }

  #advance(to: Lsn): void {
    if (to > this.#applied) this.#applied = to;
  }

  #send(ping: boolean): void {
    this.#options.send(this.applied, ping);
  }
}
