/**
 * Freezes a value and what it holds, as far as that is arrays and objects without a class. Dates, maps, sets
 * and bytes cannot be frozen by the language, and other objects may need to change themselves.
 */
export function deepFreeze<R>(value: R): R {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value;
  Object.freeze(value);
  for (const name of Reflect.ownKeys(value)) {
    const held = Object.getOwnPropertyDescriptor(value, name);
    if (held && 'value' in held) deepFreeze(held.value);
  }
  return value;
}
