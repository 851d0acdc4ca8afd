import { isUtf8 } from 'node:buffer';

/** Which bytes of a text can be read. */
export type TextEncoding = 'utf8' | 'ascii';

/** How a column's value is given: that it is null, or was not sent, or as a text with its length. */
const NULL = 0x6e;
const UNCHANGED_TOAST = 0x75;
const TEXT = 0x74;

/**
 * Where a tuple ends (TupleData; PostgreSQL documentation, 54.9).
 *
 * @param end where the message ends
 * @param columns how many columns there should be
 * @returns -1 where it is not as it should be
 */
export function endOfTuple(content: Buffer, offset: number, end: number, columns: number): number {
  if (offset + 2 > end || content.readUInt16BE(offset) !== columns) return -1;
  let at = offset + 2;
  for (let column = 0; column < columns; column++) {
    if (at >= end) return -1;
    const kind = content[at++];
    if (kind === NULL || kind === UNCHANGED_TOAST) continue;
    if (kind !== TEXT || at + 4 > end) return -1;
    at += 4 + content.readUInt32BE(at);
  }
  return at > end ? -1 : at;
}

/**
 * Reads the texts of some columns of a tuple, which is whole.
 *
 * @param wanted for each column of the tuple, where in the result its text goes; -1: it is skipped.
 *   `null`: every column, in the tuple's order
 * @param encoding `ascii`: the texts are in an encoding that is not known here, in which ASCII is ASCII
 * @returns `undefined` in the place of an unchanged TOAST value, which is not sent. `null` where the bytes of a wanted
 *   text cannot be read: other bytes would look the same
 */
export function readTuple(
  content: Buffer,
  offset: number,
  wanted: readonly number[] | null,
  encoding: TextEncoding,
): (string | null | undefined)[] | null {
  const texts: (string | null | undefined)[] = [];
  const count = content.readUInt16BE(offset);
  let at = offset + 2;
  for (let column = 0; column < count; column++) {
    const kind = content[at++];
    const place = wanted === null ? column : (wanted[column] ?? -1);
    if (kind !== TEXT) {
      if (place >= 0) texts[place] = kind === NULL ? null : undefined;
      continue;
    }
    const length = content.readUInt32BE(at);
    at += 4;
    if (place >= 0) {
      const text = readText(content, at, at + length, encoding);
      if (text === null) return null;
      texts[place] = text;
    }
    at += length;
  }
  return texts;
}

function readText(content: Buffer, from: number, to: number, encoding: TextEncoding): string | null {
  const text = content.toString('utf8', from, to);
  // A text of bytes below 128 has as many characters as bytes, and no other text has.
  if (encoding === 'ascii') return text.length === to - from && !text.includes(UNREADABLE) ? text : null;
  return text.includes(UNREADABLE) && !isUtf8(content.subarray(from, to)) ? null : text;
}

/** What a byte becomes that is not UTF-8. It is also a character of its own. */
const UNREADABLE = '\ufffd';
