import type { Operation } from '../changes/change-event.js';
import { requireDuration } from '../durations.js';
import { PgCacheWatchError } from '../errors.js';
import { type PredicateOption, predicateOf } from './predicate.js';
import type { Strategy } from './strategy.js';
import { Timer } from './timer.js';

/** Drops when the last operations were these. */
export interface SequenceOptions extends PredicateOption {
  /**
   * In this order, one right after the other, such as `['insert', 'update']`. Every change that the source
   * tells and the predicate lets through is one, whether anything is cached of it or not.
   */
  readonly sequence: readonly Operation[];
  /**
   * After the first change that concerns something, it is dropped even if the sequence has not come. Default:
   * never, so that a value can be stale for ever. That is PGCacheWatch's `Windowed`.
   */
  readonly maxWaitMs?: number | undefined;
}

/** Drops after so many changes, or so long after the first of them. */
export interface SizeOptions extends PredicateOption {
  /** How many changes that concern something cached. A transaction is not divided: it can be more. */
  readonly size: number;
  /** No value is stale for longer than this. */
  readonly maxWaitMs: number;
}

export type WindowedOptions = SequenceOptions | SizeOptions;

const OPERATIONS: ReadonlySet<unknown> = new Set<Operation>(['insert', 'update', 'delete', 'truncate']);

/**
 * Collects what changes concern, and drops all of it together.
 *
 * @throws PgCacheWatchError `BAD_OPTION`
 */
export function windowed(options: WindowedOptions): Strategy {
  const { maxWaitMs } = options;
  const counts = predicateOf(options);
  const newWindow = windowOf(options);
  if (maxWaitMs !== undefined || 'size' in options) requireDuration('maxWaitMs', maxWaitMs);
  return {
    attach({ clock, collection }) {
      const collected = collection();
      const timer = new Timer(clock);
      const window = newWindow();
      const drop = () => {
        timer.stop();
        window.dropped();
        collected.drop();
      };
      return {
        apply({ changes }) {
          let full = false;
          let pending = false;
          for (const change of changes) {
            if (!counts(change)) continue;
            const concerns = collected.add(change);
            pending ||= concerns;
            if (window.add(change.operation, concerns)) full = true;
          }
          // At the end: a transaction is one moment, whatever completes the window in its midst.
          if (full) drop();
          else if (pending && maxWaitMs !== undefined) timer.start(maxWaitMs, drop);
        },
        reset() {
          timer.stop();
          window.reset();
        },
        close: () => timer.stop(),
      };
    },
  };
}

interface Window {
  /** Returns whether that fills it. */
  add(operation: Operation, concerns: boolean): boolean;
  dropped(): void;
  reset(): void;
}

function windowOf(options: WindowedOptions): () => Window {
  if (!('sequence' in options)) return sizeWindow(options.size);
  // The compiler allows for both.
  if ('size' in options) {
    throw new PgCacheWatchError('BAD_OPTION', 'windowed has both a sequence and a size', {
      remedy: 'Choose one; or combine two with anyOf(windowed({ sequence }), windowed({ size, maxWaitMs })).',
    });
  }
  return sequenceWindow(options.sequence);
}

function sequenceWindow(sequence: readonly Operation[]): () => Window {
  if (!Array.isArray(sequence) || sequence.length === 0 || !sequence.every((each) => OPERATIONS.has(each))) {
    throw new PgCacheWatchError('BAD_OPTION', `sequence is ${JSON.stringify(sequence)}`, {
      remedy: `It must be a list of one or more of ${[...OPERATIONS].join(', ')}.`,
    });
  }
  const wanted = [...sequence];
  return () => {
    const last: Operation[] = [];
    return {
      add(operation) {
        last.push(operation);
        if (last.length > wanted.length) last.shift();
        return last.length === wanted.length && last.every((each, i) => each === wanted[i]);
      },
      // The operations go on: what ended one sequence may begin the next.
      dropped() {},
      reset: () => void last.splice(0),
    };
  };
}

function sizeWindow(size: number): () => Window {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new PgCacheWatchError('BAD_OPTION', `size is ${String(size)}`, {
      remedy: 'It must be a whole number of changes, above 0.',
    });
  }
  return () => {
    let count = 0;
    const empty = () => {
      count = 0;
    };
    return {
      add(_, concerns) {
        if (concerns) count++;
        return count >= size;
      },
      dropped: empty,
      reset: empty,
    };
  };
}
