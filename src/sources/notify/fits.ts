import type { Texts } from '../../changes/row-change.js';
import type { ExactType, WatchedColumn, WatchedTable } from '../watched-tables.js';
import type { Payload } from './payload.js';

/** How the server writes the values of a type of which equal values have one text. */
const TEXTS: Readonly<Record<ExactType, RegExp>> = {
  integer: /^(0|-?[1-9][0-9]*)$/,
  oid: /^(0|[1-9][0-9]*)$/,
  boolean: /^[tf]$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  // A byte that is not UTF-8 becomes this character, whichever byte it is (in a database of encoding SQL_ASCII).
  text: /^[^\ufffd]*$/,
};

/**
 * Whether the texts of a payload can be of the columns as they were last read. If not, a column has got another
 * type since, of which equal values may have other texts: by those, no row must be matched.
 */
export function fits(table: WatchedTable, { keyColumns, columns, rows }: Payload): boolean {
  if (rows === null) return true;
  const ofKey = patterns(table, keyColumns);
  const ofImages = patterns(table, columns);
  if (ofKey.length === 0 && ofImages.length === 0) return true;
  const all = (texts: Texts | null, which: readonly Pattern[]) =>
    texts === null ||
    which.every(({ place, pattern }) => pattern.test(texts[place] ?? '') || texts[place] === null);
  return rows.every(
    ({ key, previousKey, before, after }) =>
      all(key, ofKey) && all(previousKey, ofKey) && all(before, ofImages) && all(after, ofImages),
  );
}

/** The payload, without its rows. */
export function ofWholeTable(payload: Payload): Payload {
  return { ...payload, keyColumns: [], columns: [], rows: null };
}

interface Pattern {
  readonly place: number;
  readonly pattern: RegExp;
}

function patterns(table: WatchedTable, names: readonly string[]): Pattern[] {
  return names.flatMap((name, place) => {
    const pattern = patternOf(table.columns.find((column) => column.name === name));
    return pattern ? [{ place, pattern }] : [];
  });
}

function patternOf(column: WatchedColumn | undefined): RegExp | null {
  return column?.exactType ? TEXTS[column.exactType] : null;
}
