/** What tells the time, and wakes up later. Another one can be given to a cache: a test need not wait. */
export interface Clock {
  /** Milliseconds since some moment that stays the same. Never goes backwards. */
  now(): number;
  /**
   * Calls once, after so many milliseconds. Keeps no process alive.
   *
   * @returns what cancels it
   */
  after(ms: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms).unref();
    return () => clearTimeout(timer);
  },
};
