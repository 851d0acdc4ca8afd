/**
 * Freezes a value and what it holds, as far as that is arrays and objects without a class. Dates, maps, sets
 * and bytes cannot be frozen by the language, and other objects may need to change themselves.
 */
export function deepFreeze<R>(value: R): R {
  freezeAll(value, new Set());
  return value;
}

/** @param seen what is done: values can contain themselves. That one is frozen says nothing of what it holds */
function freezeAll(value: unknown, seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return;
  Object.freeze(value);
  for (const name of Reflect.ownKeys(value)) {
    const held = Object.getOwnPropertyDescriptor(value, name);
    if (held && 'value' in held) freezeAll(held.value, seen);
  }
}
