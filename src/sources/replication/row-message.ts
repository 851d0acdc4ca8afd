import type { Operation } from '../../changes/change-event.js';
import { endOfTuple } from './tuple.js';

const KEY = 0x4b; // the replica identity before the change
const OLD = 0x4f; // the whole row before it, under replica identity full
const NEW = 0x4e;
/** The tag and the relation's oid come first, then the letter of the first tuple. */
const FIRST_LETTER = 5;

/** Where the tuples of a row message begin (PostgreSQL documentation, 54.9). */
export interface Tuples {
  /** The row before, or no more than its replica identity; -1 where it was not sent. */
  readonly before: number;
  /** Whether that is the whole row. */
  readonly isWholeBefore: boolean;
  /** Of no meaning for a delete. */
  readonly after: number;
}

/**
 * Of a message that is whole.
 *
 * @param columns how many the relation has, as it was described
 */
export function tuplesOf(content: Buffer, start: number, columns: number): Tuples {
  const first = start + FIRST_LETTER;
  const letter = content[first];
  if (letter === NEW) return { before: -1, isWholeBefore: false, after: first + 1 };
  const after = endOfTuple(content, first + 1, content.length, columns) + 1;
  return { before: first + 1, isWholeBefore: letter === OLD, after };
}

/** Whether a row message is as it should be, to its last byte: whoever reads it later need not look any more. */
export function isWhole(
  operation: Operation,
  content: Buffer,
  start: number,
  end: number,
  columns: number,
): boolean {
  let at = start + FIRST_LETTER;
  const letter = content[at];
  if (letter === KEY || letter === OLD) {
    if (operation === 'insert') return false;
    at = endOfTuple(content, at + 1, end, columns);
    if (operation === 'delete') return at === end;
    if (at < 0) return false;
  }
  if (operation === 'delete' || at >= end || content[at] !== NEW) return false;
  return endOfTuple(content, at + 1, end, columns) === end;
}
