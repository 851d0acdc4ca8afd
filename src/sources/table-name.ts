import { PgCacheWatchError } from '../errors.js';

/** A table's name as it stands in the catalog. `schema` is `null` where the name does not give one. */
export interface TableName {
  readonly schema: string | null;
  readonly table: string;
}

// An identifier as the SQL lexer reads it (PostgreSQL documentation, 4.1.1): quoted, with "" for a quote
// in it, or plain, of letters, digits, _ and $, and everything beyond ASCII.
const IDENTIFIER = String.raw`(?:"(?:[^"\0]|"")+"|[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*)`;
const NAME = new RegExp(String.raw`^\s*(${IDENTIFIER})(?:\s*\.\s*(${IDENTIFIER}))?\s*$`, 'i');
const MAX_BYTES = 63;

/**
 * Reads a name as SQL does: `Orders` is `orders`, `"Orders"` is not; `sales.items` names the schema.
 *
 * @throws PgCacheWatchError `BAD_TABLE_NAME`
 */
export function parseTableName(name: string): TableName {
  const parts = NAME.exec(name);
  const [, first, second] = parts ?? [];
  if (first === undefined) {
    throw new PgCacheWatchError('BAD_TABLE_NAME', `${JSON.stringify(name)} is not the name of a table`, {
      remedy: 'Write it as in SQL: orders, sales.items, or "Odd Name" in double quotes.',
    });
  }
  if (second === undefined) return { schema: null, table: fold(first) };
  return { schema: fold(first), table: fold(second) };
}

function fold(identifier: string): string {
  // Only ASCII is folded: that is what the server does under every multi-byte encoding.
  const name = identifier.startsWith('"')
    ? identifier.slice(1, -1).replaceAll('""', '"')
    : identifier.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return truncated(name);
}

/** Postgres cuts a longer identifier to 63 bytes, never inside a character. */
function truncated(name: string): string {
  // No unit of UTF-16 takes more than three bytes.
  if (name.length * 3 <= MAX_BYTES) return name;
  const bytes = new TextEncoder().encode(name);
  if (bytes.length <= MAX_BYTES) return name;
  let end = MAX_BYTES;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
