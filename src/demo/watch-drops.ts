export interface DropWatch {
  /** When each reading that was cached at first was seen to be no longer, by `performance.now()`. */
  readonly droppedAt: ReadonlyMap<string, number>;
  stop(): void;
}

interface Watched {
  readonly name: string;
  isCached(): boolean;
}

/**
 * Looks at what is cached now whenever the source has told something, and when it is stopped. (To look all
 * the time would take the time from the server that is measured.)
 *
 * @param onTold calls the listener after the caches have been told; returns what takes it off
 */
export function watchDrops(
  readings: readonly Watched[],
  onTold: (listener: () => void) => () => void,
): DropWatch {
  const cached = new Set(readings.filter((reading) => reading.isCached()));
  const droppedAt = new Map<string, number>();
  const look = (): void => {
    for (const reading of cached) {
      if (reading.isCached()) continue;
      cached.delete(reading);
      droppedAt.set(reading.name, performance.now());
    }
  };
  const off = onTold(look);
  return {
    droppedAt,
    stop: () => {
      look();
      off();
    },
  };
}
