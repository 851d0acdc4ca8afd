import type { GapReason, SourceState } from '../../../src/index.js';

/**
 * What a run has recorded, and all that the laws are judged by. Moments are milliseconds of the system's monotonic
 * clock, the same for all processes of the machine.
 */
export interface RunRecord {
  /** Every transaction that is known to have committed since the beginning, each row's in their order. */
  readonly writes: readonly Write[];
  readonly faults: readonly FaultRecord[];
  /** When the process that holds writers and proxies stood still. */
  readonly stoodStill: readonly Span[];
  readonly subject: SubjectRecord;
  /** The table that each write has a row of, by which it is known again in what is told. */
  readonly logTable: string;
}

/** What one process under test has done since it was last at rest, in the order in which it happened there. */
export interface SubjectRecord {
  readonly mode: string;
  /** Whether its source goes on after a lost connection where it was. */
  readonly resumes: boolean;
  readonly silenceLimitMs: number;
  readonly events: readonly SubjectEvent[];
}

export interface Span {
  readonly from: number;
  readonly until: number;
}

export type RowOperation = 'insert' | 'update' | 'delete' | 'truncate';

export interface Write {
  /** Greater than that of every write before it to the same rows, and the version that it gives to them. */
  readonly n: number;
  /** When the transaction began. */
  readonly begun: number;
  /** When the commit was asked for: before that, nobody can have seen it. */
  readonly sent: number;
  /** When it was known to have committed: from then on, everybody sees it. */
  readonly known: number;
  readonly rows: readonly RowWrite[];
}

export interface RowWrite {
  /** Table and key, such as `items:3`. */
  readonly row: string;
  readonly operation: RowOperation;
  /** Whether there is a row afterwards. */
  readonly there: boolean;
  /** What lists are made by. */
  readonly group?: number;
}

export interface FaultRecord {
  readonly name: string;
  readonly from: number;
  /** When it had been done; infinite where it is not so far. */
  readonly done: number;
  /** When healing it began; infinite likewise. */
  readonly healed: number;
  /** When healing it had ended; infinite likewise. */
  readonly whole: number;
  /** When what it had broken was live again; infinite likewise. */
  readonly until: number;
  readonly unwatches?: Unwatching | undefined;
}

/** By what a table is watched. */
export type WatchedBy = 'triggers' | 'publication';

/** DDL that ends the watching of tables, or changes what a change of theirs is like, and its inverse when it is healed. */
export interface Unwatching {
  /** Only changes of these may go unannounced. */
  readonly tables: readonly string[];
  /** It concerns no source that watches by other means. */
  readonly watchedBy: readonly WatchedBy[];
  /** All of it is over when it is done: one transaction. */
  readonly atOnce: boolean;
  /** Whether a change can have been hidden by it, so that there has to be a gap. */
  readonly hides: boolean;
}

/** A row as it was read: its version; 0: there is none. */
export type SeenRow = readonly [row: string, version: number];

export type SubjectEvent =
  /** A load has given something; what is read later refers to it. */
  | { readonly is: 'value'; readonly at: number; readonly id: number; readonly rows: readonly SeenRow[] }
  /** A call. `kept`: the value was in the cache already, at `at`. */
  | {
      readonly is: 'read';
      readonly at: number;
      readonly ended: number;
      readonly place: string;
      readonly fresh: boolean;
      readonly kept: boolean;
      readonly state: SourceState;
      readonly value: number;
    }
  /** All that was kept, looked at in one synchronous turn. */
  | {
      readonly is: 'look';
      readonly at: number;
      /** Everything known by then to have committed must be in what greedy caches keep; `null`: no such promise. */
      readonly caughtUpTo: number | null;
      /** The writers are at rest, and the strategies have had their time. */
      readonly atRest: boolean;
      readonly state: SourceState;
      readonly kept: readonly (readonly [place: string, value: number])[];
    }
  | { readonly is: 'told'; readonly at: number; readonly writes: readonly number[] }
  | { readonly is: 'caught-up'; readonly at: number; readonly asked: number }
  | { readonly is: 'gap'; readonly at: number; readonly reason: GapReason }
  | { readonly is: 'state'; readonly at: number; readonly state: SourceState }
  | { readonly is: 'error'; readonly at: number; readonly code: string; readonly message: string }
  /** A source was made, or closed. What it has not told by then, it never will. */
  | { readonly is: 'opened' | 'closed'; readonly at: number }
  | { readonly is: 'stood-still'; readonly at: number; readonly from: number };

/** What is not as it was promised. */
export interface Breach {
  /** Which promise. */
  readonly law: Law;
  readonly at: number;
  readonly what: string;
}

export type Law =
  | 'read-your-writes'
  | 'staleness'
  | 'order'
  | 'committed'
  | 'at rest'
  | 'atomicity'
  | 'losses'
  | 'gaps'
  | 'silence'
  | 'recovery'
  | 'leaks'
  | 'memory';
