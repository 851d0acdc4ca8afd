export interface DropWatch {
  /** When each reading that was cached at first was seen to be no longer, by `performance.now()`. */
  readonly droppedAt: ReadonlyMap<string, number>;
  stop(): void;
}

interface Watched {
  readonly name: string;
  isCached(): boolean;
}

/** Looks at what is cached now, on every turn of the event loop, until it is stopped. */
export function watchDrops(readings: readonly Watched[]): DropWatch {
  const cached = new Set(readings.filter((reading) => reading.isCached()));
  const droppedAt = new Map<string, number>();
  const look = (): void => {
    for (const reading of cached) {
      if (reading.isCached()) continue;
      cached.delete(reading);
      droppedAt.set(reading.name, performance.now());
    }
  };
  let next = setImmediate(function again() {
    look();
    next = setImmediate(again);
  });
  return {
    droppedAt,
    stop: () => {
      look();
      clearImmediate(next);
    },
  };
}
