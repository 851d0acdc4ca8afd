import { PgCacheWatchError } from '../errors.js';
import type { CachedFunction } from './cached-function.js';
import { CachedMethod, type CachedMethodOptions } from './cached-method.js';

type Method<This, A extends unknown[], R> = (this: This, ...args: A) => Promise<R>;

/** The names of the methods that return a promise. */
type MethodOf<T> = { [P in keyof T]: T[P] extends (...args: never) => Promise<unknown> ? P : never }[keyof T];

const METHODS = new WeakMap<object, { of(self: object): unknown }>();

/**
 * A decorator (TC39's, not that of `experimentalDecorators`) that caches a method which returns a promise:
 * each object has its own results, and the method its `this`. The entries of all objects share `max`.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function cached<A extends unknown[] = []>(options: CachedMethodOptions<A>) {
  return <This extends object, B extends [...A, ...unknown[]], R>(
    method: Method<This, B, R>,
    context: ClassMethodDecoratorContext<This, Method<This, B, R>>,
  ): Method<This, B, R> => {
    // By whoever compiles without types, it may have been put on anything.
    const kind: string = context.kind;
    if (kind !== 'method') {
      throw new PgCacheWatchError('BAD_OPTION', `@cached was put on a ${kind}`, {
        remedy: 'Only methods can be cached.',
      });
    }
    const own = new CachedMethod<B, R>(method, String(context.name), options);
    const replacement = function (this: This, ...args: B): Promise<R> {
      return own.call(this, args);
    };
    METHODS.set(replacement, own);
    return replacement;
  };
}

/**
 * The cached function behind a decorated method of an object, with `fresh`, `invalidate`, `explain` and the
 * like. Its `clear`, `close` and `statistics` are those of all objects of the class.
 *
 * @throws PgCacheWatchError `BAD_OPTION` if the method is not decorated
 */
export function cacheOf<T extends object, K extends MethodOf<T>>(
  self: T,
  name: K,
): T[K] extends (...args: infer A) => Promise<infer R> ? CachedFunction<A, R> : never;
export function cacheOf(self: object, name: PropertyKey): unknown {
  const method: unknown = Reflect.get(self, name);
  const own = typeof method === 'function' ? METHODS.get(method) : undefined;
  if (own === undefined) {
    throw new PgCacheWatchError('BAD_OPTION', `${String(name)} is not a cached method of the object`, {
      remedy: 'Decorate it: @cached({ source, dependsOn }).',
    });
  }
  return own.of(self);
}
