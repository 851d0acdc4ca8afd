/** The two ways through a proxy. */
export type Direction = 'to-server' | 'to-client';

/** A TCP proxy in front of a server, to do to connections what networks do. Each takes effect at once, also on open connections. */
export interface FaultyProxy {
  /** The server's URL, by way of the proxy. */
  readonly url: string;
  /** How many connections are open. */
  readonly connections: number;
  /** How many of them have lost something. */
  readonly lost: number;
  /** Every piece is passed on so much later, in order. 0 ends it. */
  delay(direction: Direction, byMs: number): void;
  /** Takes what comes and passes nothing on, and closes nothing: what a lost peer looks like. New connections too. */
  silence(direction: Direction): void;
  /** The same, for each new connection once so many pieces (more or less: messages) have come through. */
  silenceAfter(direction: Direction, pieces: number): void;
  /** Reads no more, so that the sender's buffers fill. Nothing is lost by that. */
  stopReading(direction: Direction): void;
  /** Passes on so many bytes more of each connection, then destroys it: an end in the middle of a message. */
  cutAfter(direction: Direction, bytes: number): void;
  /** Destroys every connection now. */
  cut(): void;
  /** Takes no connections (refused), and destroys those that are there. */
  refuse(): void;
  /**
   * Ends every connection towards its client and leaves it open towards the server, which notices nothing: what a
   * server sees of a client whose machine has gone. Takes no new connections until `restore`.
   */
  vanish(): void;
  /** Leads new connections to another server, and destroys those that are there. */
  redirect(target: string): void;
  /** Everything passes again; connections that have lost something are destroyed. */
  restore(): void;
  /** New connections pass; those that have lost something stay, as lost as they are. */
  abandon(): void;
  close(): Promise<void>;
}
