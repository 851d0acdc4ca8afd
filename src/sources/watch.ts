import type { PgCacheWatchError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Reading, ReadOptions } from './read-watched-tables.js';
import type { WatchedTables } from './watched-tables.js';

/** What a mode says where something is not told of: errors with the code `NOT_WATCHED`. */
export interface Complaints {
  /** No table is told of: to be live would mean nothing. */
  nothing(): PgCacheWatchError;
  /** Of these tables, not everything is told. */
  missing(tables: readonly string[]): PgCacheWatchError;
}

export interface WatchOptions extends Pick<ReadOptions, 'tables' | 'onceWatched'> {
  readonly logger: Logger;
}

/** What a session watches, as the catalog had it when it was last read. */
export class Watch<R extends Reading> {
  readonly #options: WatchOptions;
  readonly #complaints: Complaints;
  #reading: R;

  /**
   * At the start, every wanted table has to be told of; later on, the others go on without one that was lost.
   *
   * @throws PgCacheWatchError `NOT_WATCHED` where a wanted table is not told of, or none is
   */
  constructor(reading: R, options: WatchOptions, complaints: Complaints) {
    this.#options = options;
    this.#complaints = complaints;
    this.#reading = reading;
    const { tables, onceWatched, logger } = options;
    const error = this.#complaint(reading.unwatched);
    if (error) {
      if (tables && onceWatched.isEmpty) throw error;
      logger.warn({ tables: reading.unwatched, remedy: error.remedy }, `pgcachewatch: ${error.message}`);
    }
    this.#enter(reading);
  }

  get reading(): R {
    return this.#reading;
  }

  get tables(): WatchedTables {
    return this.#reading.watched;
  }

  /** Of what is wanted, or was watched before, not everything is told. */
  get problem(): PgCacheWatchError | null {
    const { unwatched, watched } = this.#reading;
    return this.#complaint(this.#options.tables ? unwatched : watched.lost);
  }

  /**
   * Takes what the catalog has now.
   *
   * @returns `null` where nothing that matters has changed
   * @throws PgCacheWatchError `NOT_WATCHED` where no table is left
   */
  update(reading: R): { readonly problem: PgCacheWatchError | null } | null {
    if (reading.fingerprint === this.#reading.fingerprint) return null;
    this.#enter(reading);
    const { unwatched, watched } = reading;
    return { problem: this.#complaint(unwatched.length > 0 ? unwatched : watched.lost) };
  }

  #enter(reading: R): void {
    if (reading.watched.size === 0) throw this.#complaints.nothing();
    this.#options.onceWatched.add(reading.names);
    this.#reading = reading;
  }

  #complaint(tables: readonly string[]): PgCacheWatchError | null {
    return tables.length > 0 ? this.#complaints.missing(tables) : null;
  }
}
