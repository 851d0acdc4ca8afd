import type { Comparison } from './comparison.js';
import type { BenchServer } from './server.js';

/** One question, and how it is answered. */
export interface Bench {
  readonly name: string;
  /** What is measured, in a sentence. */
  readonly about: string;
  run(context: BenchContext): Promise<BenchResult>;
}

export interface BenchResult {
  /** What a reader needs to judge the figures: sizes, settings of the server. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly comparisons: readonly Comparison[];
  readonly chart?: ChartChoice | undefined;
}

/** What is drawn: a measure of every comparison, side by side. */
export interface ChartChoice {
  /** The label of the measure. */
  readonly measure: string;
  /** Beside the reference, or as it was measured. */
  readonly show: 'ratio' | 'median';
  readonly scale: 'linear' | 'log';
}

export interface BenchContext {
  /** Small sizes: to see that it works, not to measure. */
  readonly quick: boolean;
  /** `full`, or `quick`, by what was asked for. */
  size<T>(full: T, quick: T): T;
  /** How many rounds: what was asked for, else `full`, else few. */
  rounds(full: number): number;
  /** One line that replaces the last one, on a terminal. */
  progress(text: string): void;
  /** Leaves out what is not the package's own, as if it was not installed. */
  readonly withoutPeers: boolean;
  /** A server of the bench's own, gone when the bench is over. */
  server(settings?: Readonly<Record<string, string>>): Promise<BenchServer>;
  /** Runs at the end of the bench, in reverse order, also where it failed. */
  atEnd(task: () => unknown): void;
}
