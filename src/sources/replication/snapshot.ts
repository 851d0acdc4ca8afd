/** What `pg_current_snapshot()` says: which transactions a query that starts now can see. */
export interface Snapshot {
  /** Everything before it is visible, or was rolled back. */
  readonly xmin: bigint;
  /** Nothing from it on is visible. */
  readonly xmax: bigint;
  /** Of those between, the ones that were under way. */
  readonly running: ReadonlySet<bigint>;
}

/** One that sees whatever there is, at the time of another one. */
export function seeingEverything({ xmax }: Snapshot): Snapshot {
  return { xmin: 2n ** 64n, xmax, running: new Set() };
}

/** Reads `xmin:xmax:running,running` (PostgreSQL documentation, 9.27.9). */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '0', xmax = '0', running = ''] = text.split(':');
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: new Set(running === '' ? [] : running.split(',').map(BigInt)),
  };
}

/** Whether a query that starts now sees the transaction. It has committed: the WAL says so. */
export function isVisible(xid: bigint, { xmin, xmax, running }: Snapshot): boolean {
  return xid < xmin || (xid < xmax && !running.has(xid));
}

const EPOCH = 1n << 32n;

/**
 * The full id of a transaction of which the stream tells the lower 32 bits: the one nearest to now, for a
 * server lets no two transactions be further apart than 2^31.
 */
export function fullXid(xid: number, near: bigint): bigint {
  const candidate = (near & ~(EPOCH - 1n)) | BigInt(xid);
  if (candidate - near > EPOCH / 2n) return candidate - EPOCH;
  return near - candidate > EPOCH / 2n ? candidate + EPOCH : candidate;
}
