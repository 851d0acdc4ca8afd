import { printable } from './printable.js';

/**
 * One value as JSON in one line that does nothing to a terminal. What JSON has no form for is a text, as
 * Postgres writes it: a bigint's digits, `NaN` and `Infinity`, and `\x…` for bytes. A date is ISO 8601.
 */
export function jsonLine(value: unknown): string {
  return printable(JSON.stringify(value, replaced) ?? 'null');
}

// By `this`: the value that is handed in has been through its toJSON, which makes an object of a Buffer.
function replaced(this: unknown, name: string, value: unknown): unknown {
  const original = typeof this === 'object' && this !== null ? Reflect.get(this, name) : value;
  if (Buffer.isBuffer(original)) return `\\x${original.toString('hex')}`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
