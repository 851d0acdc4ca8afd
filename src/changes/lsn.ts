import { PgCacheWatchError } from '../errors.js';

declare const brand: unique symbol;

/**
 * A position in the WAL, as a 64-bit number that compares with `<` and `===`.
 *
 * Postgres spells one position in several ways (`0/15291B8`, `00000000/015291B8`), so texts of it are
 * parsed at the border and never compared.
 */
export type Lsn = bigint & { readonly [brand]: 'Lsn' };

const SPELLING = /^([0-9a-f]{1,8})\/([0-9a-f]{1,8})$/i;

/** @throws PgCacheWatchError `BAD_OPTION` where the text is no LSN */
export function parseLsn(text: string): Lsn {
  const parts = SPELLING.exec(text);
  if (!parts) throw new PgCacheWatchError('BAD_OPTION', `Not an LSN: ${JSON.stringify(text.slice(0, 40))}`);
  return lsn((BigInt(`0x${parts[1]}`) << 32n) | BigInt(`0x${parts[2]}`));
}

/** The spelling that the server itself prints (`pg_lsn_out`): upper case, no leading zeros. */
export function formatLsn(position: Lsn): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffff_ffffn).toString(16)}`.toUpperCase();
}

/** Makes an LSN of its 64 bits, as they stand in the replication protocol. */
export function lsn(bits: bigint): Lsn {
  return BigInt.asUintN(64, bits) as Lsn;
}

const eightBytes = new DataView(new ArrayBuffer(8));

/** Reads an LSN where it stands in a message. */
export function lsnAt(bytes: Buffer, offset: number): Lsn {
  // Several times as fast as readBigUInt64BE, which puts it together of big numbers.
  eightBytes.setUint32(0, bytes.readUInt32BE(offset));
  eightBytes.setUint32(4, bytes.readUInt32BE(offset + 4));
  return eightBytes.getBigUint64(0) as Lsn;
}
