import type { ChangeEvent } from '../changes/change-event.js';

/**
 * The texts of some columns as one: that of a single column stands for itself, and so does its NULL. A whole number is
 * that number: a Map finds it without a look at a text that lies elsewhere in memory.
 */
export type RowText = string | number | null;

export function rowText(texts: readonly (string | null)[]): RowText {
  const [first = null] = texts;
  return texts.length === 1 ? asNumber(first) : JSON.stringify(texts);
}

/** The columns of such a text: for people. */
export function textsOf(text: RowText, columns: number): readonly (string | null)[] {
  if (text === null) return [null];
  if (columns === 1) return [String(text)];
  const texts: unknown = JSON.parse(String(text));
  return Array.isArray(texts) ? texts.map((each) => (each === null ? null : String(each))) : [];
}

/**
 * The values that some columns had and have in the row that a change is about.
 *
 * @returns `null` where the change does not tell which row it is about: it may be any
 */
export function touchedRows(columns: readonly string[], change: ChangeEvent): RowText[] | null {
  const { operation } = change;
  if (operation === 'truncate') return null;
  const after = operation === 'delete' ? undefined : textAfter(columns, change);
  if (operation === 'insert') return after === undefined ? null : [after];
  const before = textBefore(columns, change);
  if (operation === 'delete') return before === undefined ? null : [before];
  if (after === undefined || before === undefined) return null;
  return after === before ? [after] : [after, before];
}

function textAfter(columns: readonly string[], change: ChangeEvent): RowText | undefined {
  const [only = ''] = columns;
  if (columns.length === 1) return asNumber(change.textAfter(only));
  return joined(columns.map((column) => change.textAfter(column)));
}

function textBefore(columns: readonly string[], change: ChangeEvent): RowText | undefined {
  const [only = ''] = columns;
  if (columns.length === 1) return asNumber(change.textBefore(only));
  return joined(columns.map((column) => change.textBefore(column)));
}

function joined(texts: readonly (string | null | undefined)[]): RowText | undefined {
  const told: (string | null)[] = [];
  for (const text of texts) {
    if (text === undefined) return undefined;
    told.push(text);
  }
  return rowText(told);
}

const ZERO = 48;
/** So many digits are a number that V8 keeps in place of a reference. */
const MOST_DIGITS = 9;

/** The number of which this is the text, where no other text is one of the same number; or the text. */
function asNumber<T extends string | null | undefined>(text: T): T | number {
  if (text == null || text.length === 0 || text.length > MOST_DIGITS) return text;
  if (text.charCodeAt(0) === ZERO) return text.length === 1 ? 0 : text;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return text;
    number = 10 * number + digit;
  }
  return number;
}
