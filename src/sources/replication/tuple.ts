/** Where a column's value begins and ends in a message; or that it is null, or was not sent. */
const NULL = 0x6e;
const UNCHANGED_TOAST = 0x75;
const TEXT = 0x74;

/**
 * Reads the texts of some columns of a tuple (TupleData; PostgreSQL documentation, 54.9).
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
    const kind = content.readUInt8(at++);
    const place = wanted === null ? column : (wanted[column] ?? -1);
    if (kind === NULL || kind === UNCHANGED_TOAST) {
      if (place >= 0) texts[place] = kind === NULL ? null : undefined;
      continue;
    }
    if (kind !== TEXT)
      throw new Error(`a column is sent as ${String.fromCharCode(kind)}, which was not asked for`);
    const length = content.readUInt32BE(at);
    at += 4;
    if (place >= 0) texts[place] = content.toString('utf8', at, at + length);
    at += length;
  }
  return texts;
}

/** Where the next part of a message begins after the tuple at `offset`. */
export function endOfTuple(content: Buffer, offset: number): number {
  const count = content.readUInt16BE(offset);
  let at = offset + 2;
  for (let column = 0; column < count; column++) {
    const kind = content.readUInt8(at++);
    if (kind === NULL || kind === UNCHANGED_TOAST) continue;
    at += 4 + content.readUInt32BE(at);
  }
  return at;
}
