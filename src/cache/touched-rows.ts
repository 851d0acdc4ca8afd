import type { ChangeEvent } from '../changes/change-event.js';

/** The texts of some columns as one: that of a single column stands for itself, and so does its NULL. */
export type RowText = string | null;

export function rowText(texts: readonly (string | null)[]): RowText {
  const [first = null] = texts;
  return texts.length === 1 ? first : JSON.stringify(texts);
}

/**
 * The values that some columns had and have in the row that a change is about.
 *
 * @returns `null` where the change does not tell which row it is about: it may be any
 */
export function touchedRows(columns: readonly string[], change: ChangeEvent): RowText[] | null {
  switch (change.operation) {
    case 'insert': {
      const after = textOf(columns, change, 'textAfter');
      return after === undefined ? null : [after];
    }
    case 'delete': {
      const before = textOf(columns, change, 'textBefore');
      return before === undefined ? null : [before];
    }
    case 'update': {
      const after = textOf(columns, change, 'textAfter');
      const before = textOf(columns, change, 'textBefore');
      if (after === undefined || before === undefined) return null;
      return after === before ? [after] : [after, before];
    }
    case 'truncate':
      return null;
  }
}

function textOf(
  columns: readonly string[],
  change: ChangeEvent,
  side: 'textBefore' | 'textAfter',
): RowText | undefined {
  const texts: (string | null)[] = [];
  for (const column of columns) {
    const text = change[side](column);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return rowText(texts);
}
