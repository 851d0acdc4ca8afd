import { isDeepStrictEqual } from 'node:util';

/** One place where two values differ. */
export interface Difference {
  /** The way there: property names and indexes. Empty: the values themselves. */
  readonly path: readonly (string | number)[];
  readonly cached: unknown;
  readonly loaded: unknown;
}

/** What is told of one comparison: enough to see what it is about. */
const LIMIT = 10;
/** Objects can contain themselves. */
const DEPTH = 20;

/** Where two values differ; none where they are deeply equal. */
export function differences(cached: unknown, loaded: unknown): Difference[] {
  const found: Difference[] = [];
  compare([], cached, loaded, found);
  return found;
}

function compare(path: (string | number)[], cached: unknown, loaded: unknown, found: Difference[]): void {
  if (found.length >= LIMIT || isDeepStrictEqual(cached, loaded)) return;
  const inside =
    path.length >= DEPTH
      ? []
      : Array.isArray(cached) && Array.isArray(loaded)
        ? indexes(cached, loaded)
        : names(cached, loaded);
  const before = found.length;
  for (const name of inside) compare([...path, name], at(cached, name), at(loaded, name), found);
  // No part of theirs differs, or they have none: they differ in themselves, such as in their class.
  if (found.length === before) found.push({ path, cached, loaded });
}

function indexes(a: readonly unknown[], b: readonly unknown[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i);
}

function names(a: unknown, b: unknown): string[] {
  if (!isPlain(a) || !isPlain(b)) return [];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function at(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
