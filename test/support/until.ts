import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;

/**
 * Resolves to what `condition` gives as soon as that is truthy. For what no event tells of; where there is
 * an event, wait for the event.
 *
 * @throws Error naming `what`, after `timeoutMs`
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  timeoutMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
