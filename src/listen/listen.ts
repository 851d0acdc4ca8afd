import type { ChangeEvent, Operation } from '../changes/change-event.js';
import type { Gap } from '../changes/gap.js';
import { PgCacheWatchError } from '../errors.js';
import type { ChangeSource, SourceState } from '../sources/change-source.js';
import { createSource } from '../sources/create-source.js';
import type { SourceOptions } from '../sources/source-options.js';

export interface ListenOptions {
  readonly source: SourceOptions;
  /** Only these. Default: all. */
  readonly operations?: ReadonlySet<Operation> | undefined;
  /** Ends after so many. Default: never. */
  readonly count?: number | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** What to end with where the server cannot be reached in the beginning: a source would try for ever. */
  readonly notConnected: (error: PgCacheWatchError) => Error;
}

/** Who is told. */
export interface Listening {
  change(change: ChangeEvent): void;
  gap(gap: Gap): void;
  state(state: SourceState, source: ChangeSource): void;
  /** What went wrong and is tried again. */
  error(error: Error): void;
}

/**
 * Tells of changes until the signal aborts or there were enough of them; either is a good end. Whatever was
 * opened is closed by the time it settles, a temporary slot with it.
 *
 * @returns how many changes it told of
 * @throws PgCacheWatchError where it cannot begin, and waiting for another session to end would not help
 */
export async function listen(options: ListenOptions, told: Listening): Promise<number> {
  const { signal, operations, notConnected, count = Number.POSITIVE_INFINITY } = options;
  if (signal.aborted) return 0;
  const source = createSource(options.source);
  let total = 0;
  let wasLive = false;
  const ended = new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    source.on('change', (change) => {
      if (total === count || (operations !== undefined && !operations.has(change.operation))) return;
      told.change(change);
      total += 1;
      if (total === count) resolve();
    });
    source.on('gap', (gap) => told.gap(gap));
    source.on('state', (state) => {
      if (state === 'live') wasLive = true;
      told.state(state, source);
    });
    source.on('error', (error) => {
      if (!wasLive && error instanceof PgCacheWatchError && error.code === 'CONNECTION') {
        reject(notConnected(error));
      } else told.error(error);
    });
    source.start().catch(reject);
  });
  try {
    await ended;
    return total;
  } finally {
    await source.close();
  }
}
