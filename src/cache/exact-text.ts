import type { ExactType } from '../sources/watched-tables.js';

/**
 * The text that Postgres has for a value, where that is beyond doubt: what a row is matched by. `null`
 * where it is not, such as for `'0x2a'` as an integer, which some versions of the server accept. A value that the
 * server refuses may have any text: no query with it has a result.
 */
export function exactText(type: ExactType, value: unknown): string | null {
  switch (type) {
    case 'integer':
      return integerText(value);
    case 'oid':
      return oidText(value);
    case 'boolean':
      return booleanText(value);
    case 'uuid':
      return uuidText(value);
    case 'text':
      // A lone surrogate reaches the server as U+FFFD.
      if (typeof value === 'string') return value.toWellFormed();
      return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null;
  }
}

function integerText(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value + 0) : null;
  if (typeof value === 'bigint') return String(value);
  const [, sign, digits] = (typeof value === 'string' && /^([+-]?)(\d+)$/.exec(trimmed(value))) || [];
  if (digits === undefined) return null;
  const absolute = digits.replace(/^0+(?=\d)/, '');
  return sign === '-' && absolute !== '0' ? `-${absolute}` : absolute;
}

const LEAST_OID = -(2n ** 31n);
const OIDS = 2n ** 32n;

/**
 * An oid has no sign: the server takes `-1` for the last one, 4294967295, and so it does 18446744073709551615, of which
 * the lower half has the same bits (PostgreSQL source, `oidin`).
 */
function oidText(value: unknown): string | null {
  // From PostgreSQL 16 on, a text that begins with 0 is octal; before, it is decimal.
  if (typeof value === 'string' && /^[+-]?0\d/.test(trimmed(value))) return null;
  const text = integerText(value);
  if (text === null) return null;
  const number = BigInt(text);
  return number < LEAST_OID || number >= OIDS ? null : String(BigInt.asUintN(32, number));
}

/** The server takes each word in any case and shortened, as long as it is one of them (`parse_bool_with_len`). */
const TRUE = /^(t|tr|tru|true|y|ye|yes|on|1)$/i;
const FALSE = /^(f|fa|fal|fals|false|n|no|of|off|0)$/i;

function booleanText(value: unknown): string | null {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return null;
  const word = trimmed(String(value));
  if (TRUE.test(word)) return 't';
  return FALSE.test(word) ? 'f' : null;
}

/** Braces around it, and a hyphen after any four digits, or none (`string_to_uuid`). */
const UUID = /^(?:\{((?:[0-9a-f]{4}-?){7}[0-9a-f]{4})\}|((?:[0-9a-f]{4}-?){7}[0-9a-f]{4}))$/i;

function uuidText(value: unknown): string | null {
  const match = typeof value === 'string' ? UUID.exec(value) : null;
  const digits = (match?.[1] ?? match?.[2])?.replaceAll('-', '').toLowerCase();
  return digits?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') ?? null;
}

/** No value of these types needs more. It also bounds what the patterns cost, for a text can come from anywhere. */
const LONGEST = 100;

/** Without the white space that the server skips around numbers and booleans: C's, not JavaScript's. Empty: too long. */
function trimmed(text: string): string {
  if (text.length > LONGEST) return '';
  return text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
}
