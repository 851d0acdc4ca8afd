import type { BacklogLimits } from './backlog.js';

/** How long creating a slot may wait for other people's transactions. */
export const LOCK_TIMEOUT_MS = 10_000;

/**
 * What is held of all the transactions that cannot be seen yet. Node reads up to 2 MB before it turns to
 * another connection, and that can hold 15,000 small transactions: a burst is no reason to drop anything.
 */
export const BACKLOG_LIMITS: BacklogLimits = { changes: 100_000, bytes: 32 * 2 ** 20, length: 50_000 };

/** Less than that would end connections of processes that are merely busy. */
const LEAST_SENDER_TIMEOUT_MS = 5_000;

/**
 * Which `wal_sender_timeout` to ask for: the server's own, shortened to our own patience. In a long
 * transaction of which nothing is published, the server says a word only when half of it is over; and it
 * holds on to a slot for so long after its reader has vanished.
 *
 * @param serverMs 0: never
 */
export function senderTimeoutMs(serverMs: number, silenceLimitMs: number): number {
  const wanted = Math.max(LEAST_SENDER_TIMEOUT_MS, Math.floor(silenceLimitMs));
  return serverMs === 0 ? wanted : Math.min(serverMs, wanted);
}
