import { type PredicateOption, predicateOf } from './predicate.js';
import type { Strategy } from './strategy.js';

export interface GreedyOptions extends PredicateOption {}

/** Drops at once, at every matching change: a value is stale for as long as the change is on its way. */
export function greedy(options: GreedyOptions = {}): Strategy {
  const counts = predicateOf(options);
  return {
    attach(context) {
      const collected = context.collection();
      return {
        apply({ changes }) {
          for (const change of changes) if (counts(change)) collected.add(change);
          collected.drop();
        },
        reset() {},
        close() {},
      };
    },
  };
}
