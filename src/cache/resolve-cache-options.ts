import { type Clock, systemClock } from '../clock.js';
import { requireDuration } from '../durations.js';
import { PgCacheWatchError } from '../errors.js';
import { greedy } from '../strategies/greedy.js';
import type { Strategy } from '../strategies/strategy.js';
import type { AnyCacheOptions } from './cache-options.js';
import type { Dependency } from './dependencies.js';
import { dependencyList } from './dependency-list.js';

/** The options with the defaults filled in. */
export interface ResolvedCacheOptions<A extends unknown[], R> extends AnyCacheOptions<A, R> {
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

const KNOWN: ReadonlySet<string> = new Set<keyof AnyCacheOptions<[]>>([
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

/** As many as a `Map` can hold. */
const MOST_ENTRIES = 2 ** 24;

const VERIFY_REMEDY = 'Pass { sampleRate: 0.01 }, for one.';

/**
 * @param name what the cache is called unless the options say
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function resolveCacheOptions<A extends unknown[], R>(
  options: AnyCacheOptions<A, R>,
  name: string,
): ResolvedCacheOptions<A, R> {
  if (typeof options !== 'object' || options === null) throw bad('cache needs options', 'Pass { source }.');
  const { source, ...others } = options;
  checkCacheOptions(others);
  if (typeof source?.attach !== 'function')
    throw bad('cache needs a source', 'Pass what createSource() returned.');
  const { strategy = greedy(), dependsOn, max = 10_000, clone = false, whenInterrupted } = options;
  return {
    ...options,
    // Read once: it may be an iterator.
    dependsOn: typeof dependsOn === 'object' ? fixedList(dependsOn, options.context) : dependsOn,
    strategy,
    max,
    name: options.name ?? (name || 'anonymous'),
    clock: options.clock ?? systemClock,
    staleWhileRevalidateMs: options.staleWhileRevalidateMs ?? 0,
    staleIfErrorMs: options.staleIfErrorMs ?? 0,
    serveStaleForMs: typeof whenInterrupted === 'object' ? whenInterrupted.serveStaleForMs : 0,
    copy: clone === true ? structuredClone : clone || null,
  };
}

/** With `context`, the load may tell what a value depends on. */
function fixedList(given: Iterable<Dependency>, context = false): readonly Dependency[] {
  const list = dependencyList(given);
  if (list.length > 0 || context) return list;
  throw bad(
    'dependsOn is an empty list: nothing would ever drop a value',
    'Leave it out for every watched table.',
  );
}

/**
 * Checks what can be checked without a source.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function checkCacheOptions<A extends unknown[], R>(
  options: Omit<AnyCacheOptions<A, R>, 'source'>,
): void {
  for (const given of Object.keys(options)) {
    if (!KNOWN.has(given)) throw bad(`cache has no option ${JSON.stringify(given)}`);
  }
  const { strategy, dependsOn, key, name, max = 1, clone = false } = options;
  if (strategy !== undefined && typeof strategy?.attach !== 'function')
    throw bad('strategy is not a strategy', 'Pass greedy(), for one.');
  if (key !== undefined && typeof key !== 'function') throw bad('key must be a function of the arguments');
  if (typeof dependsOn === 'string')
    throw bad('dependsOn is a text', `Write it as a list: [${JSON.stringify(dependsOn)}].`);
  if (dependsOn !== undefined && typeof dependsOn !== 'object' && typeof dependsOn !== 'function')
    throw bad(`dependsOn is ${String(dependsOn)}`, 'It must be a list, or a function that gives one.');
  if (!Number.isSafeInteger(max) || max < 1 || max > MOST_ENTRIES)
    throw bad(`max is ${String(max)}; it must be a whole number, from 1 to ${MOST_ENTRIES}`);
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw bad('name must be a text');
  if (typeof clone !== 'boolean' && typeof clone !== 'function')
    throw bad('clone must be true, or a function of the value');
  for (const each of ['freeze', 'context'] as const) {
    if (options[each] !== undefined && typeof options[each] !== 'boolean')
      throw bad(`${each} is ${String(options[each])}; it must be true or false`);
  }
  checkClock(options);
  checkInterruption(options);
  checkBytes(options);
  checkVerify(options);
  for (const each of ['ttlMs', 'staleWhileRevalidateMs', 'staleIfErrorMs', 'loadTimeoutMs'] as const) {
    if (options[each] !== undefined) requireDuration(each, options[each]);
  }
}

function checkInterruption({
  whenInterrupted = 'bypass',
}: Pick<AnyCacheOptions<[]>, 'whenInterrupted'>): void {
  if (whenInterrupted === 'bypass') return;
  if (typeof whenInterrupted !== 'object' || whenInterrupted === null) {
    throw bad(
      `whenInterrupted is ${JSON.stringify(whenInterrupted)}`,
      "Pass 'bypass' or { serveStaleForMs: 30_000 }.",
    );
  }
  refuseOthers('whenInterrupted', whenInterrupted, ['serveStaleForMs']);
  requireDuration('whenInterrupted.serveStaleForMs', whenInterrupted.serveStaleForMs);
}

function checkClock({ clock }: Pick<AnyCacheOptions<[]>, 'clock'>): void {
  if (clock === undefined) return;
  if (typeof clock?.now !== 'function' || typeof clock.after !== 'function')
    throw bad('clock must have the functions now and after');
}

function checkBytes<R>({ maxBytes, sizeOf }: Pick<AnyCacheOptions<[], R>, 'maxBytes' | 'sizeOf'>): void {
  if (maxBytes === undefined && sizeOf === undefined) return;
  if (maxBytes === undefined || sizeOf === undefined) {
    throw bad('maxBytes and sizeOf go together', 'Pass both: a limit, and a function that counts a value.');
  }
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw bad(`maxBytes is ${maxBytes}; it must be a whole number above 0`);
  }
  if (typeof sizeOf !== 'function') throw bad('sizeOf must be a function of the value');
}

function checkVerify({ verify }: Pick<AnyCacheOptions<[]>, 'verify'>): void {
  if (verify === undefined) return;
  if (typeof verify !== 'object' || verify === null) throw bad('verify must be an object', VERIFY_REMEDY);
  refuseOthers('verify', verify, ['sampleRate', 'onWrong']);
  const { sampleRate, onWrong } = verify;
  if (!(typeof sampleRate === 'number' && sampleRate >= 0 && sampleRate <= 1)) {
    throw bad(`verify.sampleRate is ${String(sampleRate)}; it must be a number from 0 to 1`);
  }
  if (onWrong !== undefined && typeof onWrong !== 'function')
    throw bad('verify.onWrong must be a function of the report');
}

function refuseOthers(option: string, given: object, known: readonly string[]): void {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other !== undefined) throw bad(`${option} has no option ${JSON.stringify(other)}`);
}

function bad(message: string, remedy?: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_OPTION', message, { remedy });
}
