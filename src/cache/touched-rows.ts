import type { ChangeEvent } from '../changes/change-event.js';

/** The texts of some columns as one: that of a single column stands for itself, and so does its NULL. */
export type RowText = string | null;

export function rowText(texts: readonly (string | null)[]): RowText {
  const [first = null] = texts;
  return texts.length === 1 ? first : JSON.stringify(texts);
}

/** The columns of such a text: for people. */
export function textsOf(text: RowText, columns: number): readonly (string | null)[] {
  if (columns === 1 || text === null) return [text];
  const texts: unknown = JSON.parse(text);
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
  if (columns.length === 1) return change.textAfter(only);
  return joined(columns.map((column) => change.textAfter(column)));
}

function textBefore(columns: readonly string[], change: ChangeEvent): RowText | undefined {
  const [only = ''] = columns;
  if (columns.length === 1) return change.textBefore(only);
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
