/**
 * What `pg_current_snapshot()` says: which transactions a query that starts now can see. Their ids have 64 bits, and
 * are numbers here: 2^53 transactions take a server longer than it will live, and bigints many times as long.
 */
export interface Snapshot {
  /** Everything before it is visible, or was rolled back. */
  readonly xmin: number;
  /** Nothing from it on is visible. */
  readonly xmax: number;
  /** Of those between, the ones that were under way. */
  readonly running: ReadonlySet<number>;
}

/** One that sees whatever there is, at the time of another one. */
export function seeingEverything({ xmax }: Snapshot): Snapshot {
  return { xmin: Number.POSITIVE_INFINITY, xmax, running: new Set() };
}

/** Reads `xmin:xmax:running,running` (PostgreSQL documentation, 9.27.9). */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '0', xmax = '0', running = ''] = text.split(':');
  return {
    xmin: Number(xmin),
    xmax: Number(xmax),
    running: new Set(running === '' ? [] : running.split(',').map(Number)),
  };
}

/** Whether a query that starts now sees the transaction. It has committed: the WAL says so. */
export function isVisible(xid: number, { xmin, xmax, running }: Snapshot): boolean {
  return xid < xmin || (xid < xmax && !running.has(xid));
}

const EPOCH = 2 ** 32;

/**
 * The full id of a transaction of which the stream tells the lower 32 bits: the one nearest to now, for a
 * server lets no two transactions be further apart than 2^31.
 */
export function fullXid(xid: number, near: number): number {
  const candidate = near - (near % EPOCH) + xid;
  if (candidate - near > EPOCH / 2) return candidate - EPOCH;
  return near - candidate > EPOCH / 2 ? candidate + EPOCH : candidate;
}
