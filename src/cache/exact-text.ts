import type { ExactType } from '../sources/watched-tables.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BOOLEANS: Readonly<Record<string, string>> = { t: 't', true: 't', f: 'f', false: 'f' };

/**
 * The text that Postgres has for a value, where that is beyond doubt: what a row is matched by. `null`
 * where it is not, such as for `'0x2a'` as an integer, which some versions of the server accept.
 */
export function exactText(type: ExactType, value: unknown): string | null {
  switch (type) {
    case 'integer':
      if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value + 0) : null;
      if (typeof value === 'bigint') return String(value);
      return typeof value === 'string' && /^[+-]?\d+$/.test(value)
        ? String(BigInt(value.replace('+', '')))
        : null;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 't' : 'f';
      return typeof value === 'string' ? (BOOLEANS[value] ?? null) : null;
    case 'uuid':
      return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : null;
    case 'text':
      // A lone surrogate reaches the server as U+FFFD.
      if (typeof value === 'string') return value.toWellFormed();
      return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
  }
}
