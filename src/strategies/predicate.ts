import type { ChangeEvent } from '../changes/change-event.js';
import { PgCacheWatchError } from '../errors.js';

export interface PredicateOption {
  /**
   * Which changes count; the others are as if they had not happened. Default: every one. If it throws, the
   * cache is emptied, and it is reported.
   */
  readonly predicate?: ((change: ChangeEvent) => boolean) | undefined;
}

const always = (): boolean => true;

/** @throws PgCacheWatchError `BAD_OPTION` */
export function predicateOf({ predicate = always }: PredicateOption): (change: ChangeEvent) => boolean {
  if (typeof predicate === 'function') return predicate;
  throw new PgCacheWatchError('BAD_OPTION', `predicate is ${typeof predicate}, not a function`, {
    remedy: "Write it as predicate: (change) => change.operation === 'update', for one.",
  });
}
