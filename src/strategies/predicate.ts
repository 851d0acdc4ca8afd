import type { ChangeEvent } from '../changes/change-event.js';
import { defuse } from '../defuse.js';
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
  if (predicate === always) return always;
  if (typeof predicate === 'function') {
    return (change) => {
      const answer: unknown = predicate(change);
      if (typeof answer === 'object') requireAnswer(answer);
      return Boolean(answer);
    };
  }
  throw new PgCacheWatchError('BAD_OPTION', `predicate is ${typeof predicate}, not a function`, {
    remedy: "Write it as predicate: (change) => change.operation === 'update', for one.",
  });
}

/** Changes are applied at once: what is known later is known too late. */
function requireAnswer(answer: unknown): void {
  if (!(answer instanceof Promise)) return;
  defuse(answer);
  throw new PgCacheWatchError('CALLBACK', 'The predicate gave a promise', {
    remedy: 'Decide from the change alone, without await.',
  });
}
