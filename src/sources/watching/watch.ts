import type { PgCacheWatchError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { OneAtATime } from '../one-at-a-time.js';
import type { Reading, ReadOptions } from '../read-watched-tables.js';
import { WatchedTables } from '../watched-tables.js';
import type { SinceByOid } from './catalog-since.js';
import type { OpenWriters } from './open-writers.js';
import { Unsettled } from './unsettled.js';

/** What a mode says where something is not told of: errors with the code `NOT_WATCHED`. */
export interface Complaints {
  /** No table is told of: to be live would mean nothing. */
  nothing(): PgCacheWatchError;
  /** Of these tables, not everything is told. */
  missing(tables: readonly string[]): PgCacheWatchError;
}

/** How a session reads what it watches. */
export interface WatchCatalog<R extends Reading> {
  read(): Promise<R>;
  /** Which open transactions have written to these tables. */
  openWriters(oids: readonly string[]): Promise<OpenWriters>;
  /** Which of these transactions have not ended. */
  stillOpen(xids: readonly string[]): Promise<readonly string[]>;
}

/** What is watched is not what it was. */
export interface WatchChange {
  /** Of what is wanted, or was watched before, not everything is watched any more. */
  readonly problem: PgCacheWatchError | null;
}

export interface WatchOptions extends Pick<ReadOptions, 'tables' | 'onceWatched'> {
  readonly logger: Logger;
  readonly silenceLimitMs: number;
}

/** What the sessions of one source and mode have watched, one after the other. */
export interface WatchPast {
  since: SinceByOid;
  unsettled: Unsettled;
}

/**
 * Which transactions a session delivers.
 *
 * - `beginning`: those that began after the catalog was read, alone.
 * - `known`: it may deliver older ones; none has written before the table was watched, but perhaps before it was altered.
 * - `changed`: what is watched may be younger than a transaction that it is going to deliver.
 */
export type WatchedFrom = 'beginning' | 'known' | 'changed';

export const NOTHING_WATCHED: WatchPast = { since: new Map(), unsettled: Unsettled.none };

/** How soon to look again whether transactions have ended; doubled each time up to `silenceLimitMs`. */
const FIRST_PAUSE_MS = 100;

/** What a session watches, as the catalog had it when it was last read. */
export class Watch<R extends Reading> {
  readonly #catalog: WatchCatalog<R>;
  readonly #options: WatchOptions;
  readonly #complaints: Complaints;
  readonly #past: WatchPast;
  readonly #checks = new OneAtATime();
  /** The check that has not begun. */
  #next: Promise<WatchChange | null> | null = null;
  #reading: R;
  #unsettled = Unsettled.none;
  #tables: WatchedTables;
  #recheck: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #hasBegun = false;
  #closed = false;

  private constructor(
    catalog: WatchCatalog<R>,
    reading: R,
    options: WatchOptions,
    complaints: Complaints,
    past: WatchPast,
  ) {
    this.#catalog = catalog;
    this.#options = options;
    this.#complaints = complaints;
    this.#past = past;
    this.#reading = reading;
    this.#tables = reading.watched;
    const { tables, onceWatched, logger } = options;
    const error = this.#complaint(reading.unwatched);
    if (error) {
      if (tables && onceWatched.isEmpty) throw error;
      logger.warn({ tables: reading.unwatched, remedy: error.remedy }, `pgcachewatch: ${error.message}`);
    }
    this.#requireSome(reading);
  }

  /**
   * At the start, every wanted table has to be told of; later on, the others go on without one that was lost.
   *
   * @throws PgCacheWatchError `NOT_WATCHED` where a wanted table is not told of, or none is
   */
  static async open<R extends Reading>(
    catalog: WatchCatalog<R>,
    options: WatchOptions,
    complaints: Complaints,
    past: WatchPast,
  ): Promise<Watch<R>> {
    return new Watch(catalog, await catalog.read(), options, complaints, past);
  }

  get reading(): R {
    return this.#reading;
  }

  get tables(): WatchedTables {
    return this.#tables;
  }

  /** The ids of the transactions that last changed what is published of the watched tables. */
  get publishedBy(): readonly string[] {
    return [...new Set([...this.#reading.since.values()].flatMap(({ youngest }) => youngest ?? []))];
  }

  /** Of what is wanted, or was watched before, not everything is told. */
  get problem(): PgCacheWatchError | null {
    const { unwatched, watched } = this.#reading;
    return this.#complaint(this.#options.tables ? unwatched : watched.lost);
  }

  /**
   * The session is about to be live.
   *
   * @param recheck called when it is time to check again
   */
  begin(from: WatchedFrom, recheck: () => void): Promise<void> {
    this.#recheck = recheck;
    return this.#checks.run(async () => {
      const { since } = this.#reading;
      let unsettled = this.#unsettled;
      if (from !== 'beginning') {
        const { since: known, unsettled: before } = this.#past;
        const altered = [...since].filter(([oid, { text, isUnlocked }]) => {
          const then = known.get(oid);
          return then ? then.text !== text : isUnlocked || from === 'changed';
        });
        unsettled = await this.#settle(
          unsettled.and(before),
          altered.map(([oid]) => oid),
        );
      }
      this.#hasBegun = true;
      this.#enter(this.#reading, unsettled);
    });
  }

  /**
   * Reads the catalog anew. One check at a time; whoever asks while the next one has not begun waits for that one.
   *
   * @returns `null` where nothing that matters has changed, or where another caller is told
   * @throws PgCacheWatchError `NOT_WATCHED` where no table is left
   */
  check(): Promise<WatchChange | null> {
    if (this.#next) return this.#next.then(() => null);
    this.#next = this.#checks.run(async () => {
      this.#next = null;
      const reading = await this.#catalog.read();
      const before = this.#reading;
      const altered = [...reading.since].filter(([oid, { text }]) => before.since.get(oid)?.text !== text);
      // Law 2: a table is watched from the moment when all have ended that wrote to it before, perhaps.
      const unsettled = await this.#settle(
        this.#unsettled,
        altered.map(([oid]) => oid),
      );
      const isSettled = unsettled.oids.size < this.#unsettled.oids.size;
      if (this.#closed) return null;
      if (reading.fingerprint === before.fingerprint && !isSettled) {
        this.#unsettled = unsettled;
        this.#remember();
        this.#lookAgain();
        return null;
      }
      this.#requireSome(reading);
      this.#enter(reading, unsettled);
      const { unwatched, watched } = reading;
      return { problem: this.#complaint(unwatched.length > 0 ? unwatched : watched.lost) };
    });
    return this.#next;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #settle(unsettled: Unsettled, altered: readonly string[]): Promise<Unsettled> {
    const open = unsettled.isEmpty
      ? unsettled
      : unsettled.stillOpen(await this.#catalog.stillOpen(unsettled.xids));
    return altered.length === 0 ? open : open.with(await this.#catalog.openWriters(altered));
  }

  #enter(reading: R, unsettled: Unsettled): void {
    const { byOid, watched } = reading;
    this.#reading = reading;
    this.#options.onceWatched.add(reading.names);
    this.#unsettled = unsettled.within(byOid);
    const tables = [...this.#unsettled.oids].flatMap((oid) => byOid.get(oid) ?? []);
    this.#tables = tables.length === 0 ? watched : new WatchedTables([...watched], watched.lost, tables);
    this.#remember();
    this.#pauseMs = FIRST_PAUSE_MS;
    if (tables.length > 0) {
      const { xids } = this.#unsettled;
      const names = tables.map(({ schema, table }) => `${schema}.${table}`);
      const line = `values of ${names.join(', ')} are not kept until the transactions have ended that wrote to it before it was watched`;
      this.#options.logger.info({ tables: names, xids }, `pgcachewatch: ${line}`);
    }
    this.#lookAgain();
  }

  /** Not before the session is about to be live: what it is compared with then is what the last one had. */
  #remember(): void {
    if (!this.#hasBegun) return;
    this.#past.since = this.#reading.since;
    this.#past.unsettled = this.#unsettled;
  }

  /** Postgres does not announce the end of a transaction. */
  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (this.#unsettled.isEmpty || this.#closed) return;
    this.#timer = setTimeout(this.#recheck, this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, this.#options.silenceLimitMs);
  }

  #requireSome(reading: R): void {
    if (reading.watched.size === 0) throw this.#complaints.nothing();
  }

  #complaint(tables: readonly string[]): PgCacheWatchError | null {
    return tables.length > 0 ? this.#complaints.missing(tables) : null;
  }
}
