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
 * @returns `undefined` for an unchanged TOAST value, which is not sent
 */
export function readTuple(
  content: Buffer,
  offset: number,
  wanted: readonly number[] | null,
): (string | null | undefined)[] {
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
    if (place >= 0) texts[place] = content.toString('utf8', at, at + length);
    at += length;
  }
  return texts;
}
