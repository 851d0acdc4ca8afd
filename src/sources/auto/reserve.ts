/** One for a backup's data and one for its WAL, or one for a standby that comes back before its old sender is gone. */
const LEAST = 2;
const SHARE = 1 / 5;

/**
 * How many slots, or WAL senders, mode `auto` leaves for others: standbys that come back, and backups. Without one
 * they fail, and with a synchronous standby all commits wait. Caches have notify to fall back on.
 *
 * @param most how many the server allows. Of a few, at most half are left
 */
export function reserveOf(most: number): number {
  return Math.min(Math.max(LEAST, Math.ceil(most * SHARE)), Math.floor(most / 2));
}
