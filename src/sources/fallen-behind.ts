import { PgCacheWatchError } from '../errors.js';

/** Changes are heard, and each of them later than the limit: to go on would be to serve ever older values. */
export function fallenBehind(limitMs: number): PgCacheWatchError {
  const message = `Changes come faster than they are dealt with: an answer of the server waits behind ${limitMs} ms of them`;
  return new PgCacheWatchError('OVERFLOW', message, {
    remedy:
      'It reconnects by itself. If it recurs, let listeners, predicates and loops over the source do less.',
  });
}
