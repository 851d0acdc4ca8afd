import { inspect } from 'node:util';
import { PgCacheWatchError } from '../errors.js';
import type { ManyContext } from './load-context.js';
import type { Loader } from './loader.js';

/** What a function of many keys gives: the values by their keys, or in the order of the keys. */
export type Many<K, V> = ReadonlyMap<K, V> | readonly V[];

/** Runs a function once for all the keys that are missing. */
export function manyLoader<K, V>(
  load: (keys: readonly K[], context: ManyContext<K>) => Many<K, V> | PromiseLike<Many<K, V>>,
  { name }: { readonly name: string },
): Loader<[K], V | undefined, Many<K, V>> {
  return {
    async run(calls, receiver, run) {
      const keys = calls.map(([key]) => key);
      let places: ReadonlyMap<K, readonly number[]> | undefined;
      const context: ManyContext<K> = {
        get signal() {
          return run.signal;
        },
        dependsOn(key, ...dependencies) {
          places ??= placesByKey(keys);
          const asked = places.get(key);
          if (asked === undefined) throw notAsked(name, [key], keys);
          for (const i of asked) run.dependsOn(i, dependencies);
        },
      };
      const many = await Reflect.apply(load, receiver, [keys, context]);
      check(name, many, keys);
      return many;
    },
    outcome: (result, i, [key]) => result.then((many) => (isMap(many) ? many.get(key) : many[i])),
  };
}

/** The same key can be there twice: `max` can be too small for all of them. */
function placesByKey<K>(keys: readonly K[]): ReadonlyMap<K, readonly number[]> {
  const places = new Map<K, number[]>();
  for (const [i, key] of keys.entries()) {
    const there = places.get(key);
    if (there) there.push(i);
    else places.set(key, [i]);
  }
  return places;
}

function check<K, V>(name: string, many: Many<K, V>, keys: readonly K[]): void {
  if (isMap(many)) {
    const asked = new Set(keys);
    // An int8 comes from pg as a text: under '1', the value of 1 would never be found.
    const others = [...many.keys()].filter((key) => !asked.has(key));
    if (others.length > 0) throw notAsked(name, others, keys);
    return;
  }
  if (Array.isArray(many) && many.length === keys.length) return;
  const got = Array.isArray(many) ? `${many.length} values` : 'neither a Map nor a list';
  throw new PgCacheWatchError('BAD_BATCH', `${name} was asked for ${keys.length} keys and gave ${got}`, {
    remedy: 'Return a Map from keys to values, or a list with one value for each key, in their order.',
  });
}

function isMap<K, V>(many: Many<K, V>): many is ReadonlyMap<K, V> {
  return many instanceof Map;
}

function notAsked(name: string, given: readonly unknown[], keys: readonly unknown[]): PgCacheWatchError {
  const show = (key: unknown) => `${typeof key} ${inspect(key, { depth: 0 })}`;
  const message = `${name} gave something for ${show(given[0])}, which is none of its keys (${show(keys[0])}, …)`;
  return new PgCacheWatchError('BAD_BATCH', message, {
    remedy: 'Use the keys as they were handed in: pg returns an int8 or numeric as a text, for one.',
  });
}
