import { PgCacheWatchError } from '../errors.js';
import type { ChangeSource, SourceState } from './change-source.js';

/**
 * Resolves when the source is live.
 *
 * @throws PgCacheWatchError `STATE` if it is closed before that; the signal's reason if that aborts
 */
export function untilLive(source: ChangeSource, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (result: () => void) => {
      off();
      signal?.removeEventListener('abort', onAbort);
      result();
    };
    const onAbort = () => settle(() => reject(signal?.reason));
    const look = (state: SourceState) => {
      if (state === 'live') settle(resolve);
      if (state === 'closed' || state === 'idle')
        settle(() => reject(stateError(`is ${state}`, 'Start it.')));
    };
    const off = source.on('state', look);
    signal?.addEventListener('abort', onAbort, { once: true });
    look(source.state);
  });
}

export function stateError(what: string, remedy: string): PgCacheWatchError {
  return new PgCacheWatchError('STATE', `The source ${what}`, { remedy });
}
