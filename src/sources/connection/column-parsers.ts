/** Makes a value of what the server writes for one column. */
export type ColumnParser = (text: string) => unknown;

/**
 * How our own queries read their columns, by the oid of the type (src/include/catalog/pg_type.dat). These are
 * neither pg's global parsers, which any library in the process may replace, nor those that a connection is
 * configured with. Everything else is text.
 */
const PARSERS: ReadonlyMap<number, ColumnParser> = new Map<number, ColumnParser>([
  [16, (text) => text === 't'], // bool
  [21, Number], // int2
  [23, Number], // int4
  [26, Number], // oid
  [700, Number], // float4
  [701, Number], // float8
  [114, parseJson], // json
  [3802, parseJson], // jsonb
  [1184, parseTimestamp], // timestamptz
  [1003, parseArray], // name[]
  [1009, parseArray], // text[]
  [1005, (text) => parseArray(text).map(Number)], // int2[]
  [1007, (text) => parseArray(text).map(Number)], // int4[]
  [1028, (text) => parseArray(text).map(Number)], // oid[]
]);

export function columnParser(typeOid: number): ColumnParser {
  return PARSERS.get(typeOid) ?? ((text) => text);
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

/** As a session of ours has it written: ISO, in UTC, such as `2025-01-31 12:00:00.5+00`. */
function parseTimestamp(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z'));
}

/** An array of one dimension, without nulls (PostgreSQL documentation, 8.15.2). */
function parseArray(text: string): string[] {
  const elements = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/gs);
  return [...elements].map(([, quoted, plain]) => quoted?.replace(/\\(.)/gs, '$1') ?? plain ?? '');
}
