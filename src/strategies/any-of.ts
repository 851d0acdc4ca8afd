import { PgCacheWatchError } from '../errors.js';
import type { Strategy } from './strategy.js';

/**
 * Several strategies at once: each collects for itself, and an entry is dropped by whichever is first. So a
 * value is stale for no longer than the shortest of their bounds for the changes that count for each.
 *
 * `anyOf(greedy({ predicate: isUrgent }), timed({ intervalMs: 5_000 }))`
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function anyOf(...strategies: readonly Strategy[]): Strategy {
  if (strategies.length === 0 || strategies.some((each) => typeof each?.attach !== 'function')) {
    throw new PgCacheWatchError('BAD_OPTION', 'anyOf needs one or more strategies', {
      remedy: 'Write it as anyOf(greedy({ predicate }), timed({ intervalMs: 5_000 })), for one.',
    });
  }
  return {
    attach(context) {
      const active = strategies.map((strategy) => strategy.attach(context));
      return {
        apply(transaction) {
          for (const each of active) each.apply(transaction);
        },
        reset() {
          for (const each of active) each.reset();
        },
        close() {
          for (const each of active) each.close();
        },
      };
    },
  };
}
