import type { Operation } from '../../changes/change-event.js';
import type { KeyTexts, Texts } from '../../changes/row-change.js';

/** One row of a notification; the columns are named in the notification's head. */
export interface PayloadRow {
  readonly key: KeyTexts | null;
  readonly previousKey: KeyTexts | null;
  readonly before: Texts | null;
  readonly after: Texts | null;
}

/** What one notification says. */
export interface Payload {
  readonly operation: Operation;
  /** `null` from a trigger that PGCacheWatch installed: it tells the table's bare name only. */
  readonly schema: string | null;
  readonly table: string;
  /** Of the table, or of the root of its tree; `null` from triggers of earlier versions, and of PGCacheWatch's. */
  readonly oid: number | null;
  readonly sentAt: Date;
  readonly xid: number | null;
  /** The names of the key columns, and of the columns of the row images. */
  readonly keyColumns: readonly string[];
  readonly columns: readonly string[];
  /** `null` where the whole table is meant. */
  readonly rows: readonly PayloadRow[] | null;
}

const OPERATIONS: ReadonlySet<unknown> = new Set<Operation>(['insert', 'update', 'delete', 'truncate']);

/**
 * Reads a notification of our own triggers (`sql/notify/statement-function.sql` says what they send) or of
 * PGCacheWatch's, whose `{operation, table, sent_at}` is the common part of both.
 *
 * @returns a sentence about what is wrong, where it is neither: anyone who may NOTIFY can send anything
 */
export function decodePayload(text: string): Payload | string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (!isRecord(message)) return 'it is not an object';
  const { operation, schema, table, oid, sent_at, xid, key, columns, rows } = message;
  if (!isOperation(operation)) return 'its operation is none of insert, update, delete and truncate';
  if (typeof table !== 'string') return 'it does not name a table';
  if (schema !== undefined && typeof schema !== 'string') return 'its schema is not a text';
  if (oid !== undefined && !isOid(oid)) return 'its oid is not one';
  const sentAt = new Date(typeof sent_at === 'string' ? sent_at : Number.NaN);
  if (Number.isNaN(sentAt.getTime())) return 'its sent_at is not a time';
  if (xid !== undefined && !Number.isSafeInteger(xid)) return 'its xid is not a transaction id';
  const keyColumns = key ?? [];
  const imageColumns = columns ?? [];
  if (!isTexts(keyColumns) || !isTexts(imageColumns)) return 'its columns are not a list of names';
  const decoded = rows === undefined ? null : decodeRows(rows, keyColumns.length, imageColumns.length);
  if (typeof decoded === 'string') return decoded;
  return {
    operation,
    schema: schema ?? null,
    table,
    oid: oid ?? null,
    sentAt,
    xid: typeof xid === 'number' ? xid : null,
    keyColumns,
    columns: imageColumns,
    rows: decoded,
  };
}

function decodeRows(rows: unknown, keyLength: number, imageLength: number): PayloadRow[] | string {
  if (!Array.isArray(rows)) return 'its rows are not a list';
  const decoded: PayloadRow[] = [];
  for (const row of rows) {
    if (!Array.isArray(row)) return 'one of its rows is not a list';
    const [key = null, previousKey = null, before = null, after = null]: unknown[] = row;
    if (!isKey(key, keyLength) || !isKey(previousKey, keyLength)) return 'one of its rows has an odd key';
    if (!isImage(before, imageLength) || !isImage(after, imageLength))
      return 'one of its rows has odd columns';
    decoded.push({ key, previousKey, before, after });
  }
  return decoded;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOperation(value: unknown): value is Operation {
  return OPERATIONS.has(value);
}

/** An oid is an unsigned number of 32 bits, and 0 is none. */
function isOid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffff_ffff;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function isKey(value: unknown, length: number): value is string[] | null {
  return value === null || (length > 0 && isTexts(value) && value.length === length);
}

function isImage(value: unknown, length: number): value is (string | null)[] | null {
  if (value === null) return true;
  if (!Array.isArray(value) || value.length !== length) return false;
  return value.every((text) => text === null || typeof text === 'string');
}
