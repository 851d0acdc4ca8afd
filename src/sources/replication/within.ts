import { PgCacheWatchError } from '../../errors.js';

/**
 * Settles as the promise does, or rejects when that takes longer than `limitMs`: a peer that is gone
 * answers nothing, and TCP notices after hours.
 *
 * @throws PgCacheWatchError `SILENT`
 */
export async function within<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `The server did not answer within ${limitMs} ms (${what})`;
      reject(new PgCacheWatchError('SILENT', message, { remedy: 'It reconnects by itself.' }));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reading a large catalog takes its time. */
const LEAST_LIMIT_MS = 5_000;

/** How long an answer of an ordinary connection may take, in milliseconds. */
export function answerLimitMs(silenceLimitMs: number): number {
  return Math.max(silenceLimitMs, LEAST_LIMIT_MS);
}
