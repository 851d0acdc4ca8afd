import type { Screen } from '../terminal/screen.js';

/** Where a command writes to, and what it may know about that. */
export interface Io {
  /** The result, such as the SQL. */
  readonly out: (text: string) => void;
  /** What is said about it. */
  readonly err: (text: string) => void;
  /** Whether `out` takes colours. */
  readonly colors: boolean;
  /** The terminal behind `out`; `null`: a file, a pipe, … */
  readonly outScreen: Screen | null;
  /** The terminal behind `err`. */
  readonly errScreen: Screen | null;
  /** How many bytes of `out` wait for their reader to take them. */
  readonly waiting: () => number;
  /**
   * For a command that ends when it is told to. From this call on, Ctrl-C, SIGTERM, or that nobody reads
   * `out` any more, abort the signal instead of ending the process.
   */
  readonly interruption: () => AbortSignal;
}

/** An `Io` of two functions: no terminal, and nothing interrupts. */
export function plainIo(given: Pick<Io, 'out' | 'err'> & Partial<Io>): Io {
  return {
    colors: false,
    outScreen: null,
    errScreen: null,
    waiting: () => 0,
    interruption: () => new AbortController().signal,
    ...given,
  };
}
