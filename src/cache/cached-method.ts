import type { ChangeSource } from '../sources/change-source.js';
import type { AnyCacheOptions } from './cache-options.js';
import { CachedCalls } from './cached-calls.js';
import type { CachedFunction } from './cached-function.js';
import type { Dependency } from './dependencies.js';
import { dependencyList } from './dependency-list.js';
import { exposed } from './exposed.js';
import { checkCacheOptions, resolveCacheOptions } from './resolve-cache-options.js';
import { singleLoader } from './single-loader.js';

/** The options of `cache`, for a method. `dependsOn` and `key` are called with the method's `this`. */
export interface CachedMethodOptions<A extends unknown[]>
  extends Omit<AnyCacheOptions<A>, 'source' | 'clone'> {
  /** Where changes are heard of; or how an object comes by that, where there is none when the class is made. */
  // biome-ignore lint/suspicious/noExplicitAny: the class is not known yet where its decorator is written
  readonly source: ChangeSource | ((self: any) => ChangeSource);
  /** Gives every caller a copy of its own, by `structuredClone`. Default: all get the same value. */
  readonly clone?: boolean | undefined;
}

/**
 * A method of a class, cached. The objects share one cache for each source and are told apart by the key: so
 * a cache, which its source knows, does not keep an object from being collected.
 */
export class CachedMethod<A extends unknown[], R> {
  readonly #method: (...args: never) => Promise<R>;
  readonly #name: string;
  readonly #options: CachedMethodOptions<never>;
  readonly #caches = new WeakMap<ChangeSource, CachedCalls<A, R, R>>();
  readonly #ids = new WeakMap<object, number>();
  #lastId = 0;

  /** @throws PgCacheWatchError `BAD_OPTION` */
  constructor(method: (...args: never) => Promise<R>, name: string, options: CachedMethodOptions<never>) {
    const { source, ...given } = options;
    checkCacheOptions(given);
    // Read once, for all caches: it may be an iterator.
    const dependsOn = typeof given.dependsOn === 'object' ? dependencyList(given.dependsOn) : given.dependsOn;
    const others = { ...given, dependsOn };
    if (typeof source !== 'function') resolveCacheOptions({ ...others, source }, name);
    singleLoader(method, { ...others, name });
    this.#method = method;
    this.#name = options.name ?? name;
    this.#options = { ...others, source };
  }

  call(self: object, args: A): Promise<R> {
    let cache: CachedCalls<A, R, R>;
    try {
      cache = this.#cache(self);
    } catch (error) {
      return Promise.reject(error);
    }
    return cache.call(args, self);
  }

  of(self: object): CachedFunction<A, R> {
    return exposed(this.#cache(self), this.#name, self);
  }

  #cache(self: object): CachedCalls<A, R, R> {
    const { source } = this.#options;
    const used = typeof source === 'function' ? source(self) : source;
    const there = this.#caches.get(used);
    if (there) return there;
    const made = this.#newCache(used);
    this.#caches.set(used, made);
    return made;
  }

  #newCache(source: ChangeSource): CachedCalls<A, R, R> {
    const { dependsOn, key } = this.#options;
    const idOf = (self: object) => this.#idOf(self);
    const options: AnyCacheOptions<A, R> = {
      ...this.#options,
      source,
      dependsOn:
        typeof dependsOn === 'function'
          ? function (this: unknown, ...args: A): Iterable<Dependency> {
              return Reflect.apply(dependsOn, this, args);
            }
          : dependsOn,
      key: function (this: object, ...args: A): unknown {
        return [idOf(this), key === undefined ? args : Reflect.apply(key, this, args)];
      },
    };
    const resolved = resolveCacheOptions(options, this.#name);
    return new CachedCalls(singleLoader<A, R>(this.#method, resolved), resolved);
  }

  #idOf(self: object): number {
    const id = this.#ids.get(self) ?? ++this.#lastId;
    this.#ids.set(self, id);
    return id;
  }
}
