import { requireDuration } from '../durations.js';
import { type PredicateOption, predicateOf } from './predicate.js';
import type { Strategy } from './strategy.js';
import { Timer } from './timer.js';

export interface TimedOptions extends PredicateOption {
  /** At most one drop in so many milliseconds. */
  readonly intervalMs: number;
  /**
   * Whether what changed within an interval is dropped at its end, so that no value is stale for longer than
   * `intervalMs`. Default: true.
   *
   * With `false` it is dropped by the first change after the interval, whenever that comes, if ever; and the
   * first interval begins when the cache is made. That is PGCacheWatch's `Timed`.
   */
  readonly trailing?: boolean | undefined;
}

/**
 * Drops at most once per interval: at once, if the last drop is as long ago as that; else at the interval's
 * end.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function timed(options: TimedOptions): Strategy {
  const { intervalMs, trailing = true } = options;
  requireDuration('intervalMs', intervalMs);
  const counts = predicateOf(options);
  return {
    attach({ clock, collection }) {
      const collected = collection();
      const timer = new Timer(clock);
      let pending = false;
      let droppedAt = trailing ? Number.NEGATIVE_INFINITY : clock.now();
      const drop = () => {
        timer.stop();
        pending = false;
        droppedAt = clock.now();
        collected.drop();
      };
      return {
        apply({ changes }) {
          let heard = false;
          for (const change of changes) {
            if (!counts(change)) continue;
            heard = true;
            if (collected.add(change)) pending = true;
          }
          if (!heard || !pending) return;
          const left = droppedAt + intervalMs - clock.now();
          if (left <= 0) drop();
          else if (trailing) timer.start(left, drop);
        },
        reset() {
          timer.stop();
          pending = false;
        },
        close: () => timer.stop(),
      };
    },
  };
}
