import { PgCacheWatchError } from '../errors.js';

/** What an entry is stored under: compared as a `Map` compares. */
export type CacheKey = string | number;

/** Begins every encoded key, so that none can equal a plain string, which stands for itself. */
const ENCODED = '\u0000';

/**
 * An injective encoding of a call's arguments: other arguments, another key. The order of an object's
 * properties does not count; the difference of `1` and `'1'`, of `undefined` and `null`, of `0` and `-0`,
 * of a `Map` and an object does.
 *
 * @throws PgCacheWatchError `BAD_KEY` for what cannot be told from something else by its contents
 */
export function encodeArguments(args: readonly unknown[]): CacheKey {
  if (args.length === 1) {
    const only = args[0];
    if (isItsOwnKey(only)) return only;
  }
  let key = ENCODED;
  const within: object[] = [];
  for (const argument of args) key += encode(argument, within);
  return key;
}

/** Whether it is stored under itself as the only argument of a call. */
export function isItsOwnKey(argument: unknown): argument is CacheKey {
  if (typeof argument === 'number') return argument !== 0 || 1 / argument > 0;
  return typeof argument === 'string' && argument.charCodeAt(0) !== 0;
}

/**
 * Each value is a letter for its type and either a fixed length, a length in front or an end mark.
 *
 * @param within the objects that it is contained in, which are the same again when this returns
 */
function encode(value: unknown, within: object[]): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return `n${Object.is(value, -0) ? '-0' : value};`;
    case 'bigint':
      return `i${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'u';
    case 'object':
      return value === null ? 'l' : encodeObject(value, within);
    default:
      throw refused(`a ${typeof value}`);
  }
}

function encodeObject(value: object, within: object[]): string {
  if (within.includes(value)) throw refused('an object that contains itself');
  within.push(value);
  const key = encodeContents(value, within);
  within.pop();
  return key;
}

function encodeContents(value: object, within: object[]): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return encodeRecord(value, prototype, within);
  const part = (contained: unknown) => encode(contained, within);
  if (Array.isArray(value) && prototype === Array.prototype) return encodeArray(value, part);
  if (Reflect.ownKeys(value).length > 0 && !ArrayBuffer.isView(value)) throw refused(nameOf(value));
  if (value instanceof Date && prototype === Date.prototype) return `d${value.getTime()};`;
  if (value instanceof URL && prototype === URL.prototype) return `U${part(value.href)}`;
  if (value instanceof Map && prototype === Map.prototype) {
    return `m${value.size}:${[...value].map(([k, v]) => part(k) + part(v)).join('')}`;
  }
  if (value instanceof Set && prototype === Set.prototype) {
    return `S${value.size}:${[...value].map(part).join('')}`;
  }
  if (value instanceof Uint8Array && (prototype === Uint8Array.prototype || prototype === Buffer.prototype)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    return `${prototype === Buffer.prototype ? 'B' : 'b'}${bytes};`;
  }
  throw refused(nameOf(value));
}

function encodeArray(array: readonly unknown[], part: (value: unknown) => string): string {
  // Own keys are the indexes and `length`; a hole or a property of its own shows in their number.
  if (Reflect.ownKeys(array).length !== array.length + 1) throw refused('an array with holes or properties');
  return `a${array.length}:${array.map(part).join('')}`;
}

function encodeRecord(record: object, prototype: unknown, within: object[]): string {
  const names = Object.keys(record);
  if (Reflect.ownKeys(record).length !== names.length)
    throw refused('an object with symbols or hidden properties');
  let key = `${prototype === null ? 'O' : 'o'}${names.length}:`;
  for (const name of names.sort()) key += encode(name, within) + encode(Reflect.get(record, name), within);
  return key;
}

function nameOf(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object of an unknown class';
}

function refused(what: string): PgCacheWatchError {
  return new PgCacheWatchError('BAD_KEY', `No key can be made of ${what} among the arguments`, {
    remedy: 'Pass the option `key`: a function of the arguments that returns what tells them apart.',
  });
}
