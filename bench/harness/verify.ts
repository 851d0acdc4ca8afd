/** A measured thing did not do what it was measured for: its time counts for nothing. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}

/** @throws WrongResult unless `actual` is `expected` */
export function verify(what: string, actual: unknown, expected: unknown): void {
  if (Object.is(actual, expected)) return;
  throw new WrongResult(`${what}: expected ${String(expected)}, got ${String(actual)}`);
}
