import { type Clock, systemClock } from '../clock.js';
import { requireDuration } from '../durations.js';
import { PgCacheWatchError } from '../errors.js';
import { greedy } from '../strategies/greedy.js';
import type { Strategy } from '../strategies/strategy.js';
import type { CacheOptions } from './cache-options.js';
import { givenDependencies } from './dependency-list.js';

/** The options with the defaults filled in. */
export interface ResolvedCacheOptions<A extends unknown[], R> extends CacheOptions<A, R> {
  readonly strategy: Strategy;
  readonly max: number;
  readonly name: string;
  readonly clock: Clock;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  readonly serveStaleForMs: number;
  /** Makes the copy that a caller gets; `null`: they get the value itself. */
  readonly copy: ((value: R) => R) | null;
}

const KNOWN: ReadonlySet<string> = new Set<keyof CacheOptions<[]>>([
  'source',
  'strategy',
  'dependsOn',
  'key',
  'name',
  'max',
  'maxBytes',
  'sizeOf',
  'ttlMs',
  'staleWhileRevalidateMs',
  'staleIfErrorMs',
  'whenInterrupted',
  'loadTimeoutMs',
  'context',
  'clone',
  'freeze',
  'verify',
  'clock',
]);

/**
 * @param name what the cache is called unless the options say
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function resolveCacheOptions<A extends unknown[], R>(
  options: CacheOptions<A, R>,
  name: string,
): ResolvedCacheOptions<A, R> {
  const { source, ...others } = options;
  checkCacheOptions(others);
  if (typeof source?.attach !== 'function')
    throw bad('cache needs a source', 'Pass what createSource() returned.');
  const { strategy = greedy(), max = 10_000, clone = false, whenInterrupted } = options;
  return {
    ...options,
    strategy,
    max,
    dependsOn: givenDependencies(options.dependsOn),
    name: options.name ?? (name || 'anonymous'),
    clock: options.clock ?? systemClock,
    staleWhileRevalidateMs: options.staleWhileRevalidateMs ?? 0,
    staleIfErrorMs: options.staleIfErrorMs ?? 0,
    serveStaleForMs: typeof whenInterrupted === 'object' ? whenInterrupted.serveStaleForMs : 0,
    copy: clone === true ? structuredClone : clone || null,
  };
}

/**
 * Checks what can be checked without a source.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function checkCacheOptions<A extends unknown[], R>(options: Omit<CacheOptions<A, R>, 'source'>): void {
  for (const given of Object.keys(options)) {
    if (!KNOWN.has(given)) throw bad(`cache has no option ${JSON.stringify(given)}`);
  }
  const { strategy, key, max = 1, clone = false } = options;
  if (strategy !== undefined && typeof strategy?.attach !== 'function')
    throw bad('strategy is not a strategy', 'Pass greedy(), for one.');
  if (key !== undefined && typeof key !== 'function') throw bad('key must be a function of the arguments');
  if (!Number.isSafeInteger(max) || max < 1) throw bad(`max is ${max}; it must be a whole number above 0`);
  if (typeof clone !== 'boolean' && typeof clone !== 'function')
    throw bad('clone must be true, or a function of the value');
  checkInterruption(options);
  checkBytes(options);
  checkVerify(options);
  for (const each of ['ttlMs', 'staleWhileRevalidateMs', 'staleIfErrorMs', 'loadTimeoutMs'] as const) {
    if (options[each] !== undefined) requireDuration(each, options[each]);
  }
}

function checkInterruption({ whenInterrupted = 'bypass' }: Pick<CacheOptions<[]>, 'whenInterrupted'>): void {
  if (whenInterrupted === 'bypass') return;
  if (typeof whenInterrupted !== 'object' || whenInterrupted === null) {
    throw bad(
      `whenInterrupted is ${JSON.stringify(whenInterrupted)}`,
      "Pass 'bypass' or { serveStaleForMs: 30_000 }.",
    );
  }
  requireDuration('whenInterrupted.serveStaleForMs', whenInterrupted.serveStaleForMs);
}

function checkBytes<R>({ maxBytes, sizeOf }: Pick<CacheOptions<[], R>, 'maxBytes' | 'sizeOf'>): void {
  if (maxBytes === undefined && sizeOf === undefined) return;
  if (maxBytes === undefined || sizeOf === undefined) {
    throw bad('maxBytes and sizeOf go together', 'Pass both: a limit, and a function that counts a value.');
  }
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw bad(`maxBytes is ${maxBytes}; it must be a whole number above 0`);
  }
  if (typeof sizeOf !== 'function') throw bad('sizeOf must be a function of the value');
}

function checkVerify({ verify }: Pick<CacheOptions<[]>, 'verify'>): void {
  if (verify === undefined) return;
  const { sampleRate } = verify;
  if (!(typeof sampleRate === 'number' && sampleRate >= 0 && sampleRate <= 1)) {
    throw bad(`verify.sampleRate is ${String(sampleRate)}; it must be a number from 0 to 1`);
  }
}

function bad(message: string, remedy?: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy });
}
