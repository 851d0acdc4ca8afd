import type { ChangeEvent } from '../changes/change-event.js';
import type { Strategy } from './strategy.js';

export interface GreedyOptions {
  /** Which changes count. Default: every one. If it throws, the cache is emptied, and it is reported. */
  readonly predicate?: ((change: ChangeEvent) => boolean) | undefined;
}

/** Drops at once, at every matching change. */
export function greedy({ predicate }: GreedyOptions = {}): Strategy {
  return {
    attach: ({ drop }) => ({
      apply(transaction, concerned) {
        for (const change of transaction.changes) {
          if (predicate === undefined || predicate(change)) drop(concerned(change));
        }
      },
      reset() {},
      close() {},
    }),
  };
}
