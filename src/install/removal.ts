import type { Step } from './step.js';

/** What it takes to remove one of the ways of announcing changes. */
export interface Removal {
  readonly steps: readonly Step[];
  /** What there is, and what will become of it, a line each. */
  readonly findings: readonly string[];
  readonly notes: readonly string[];
  readonly afterwards: readonly Step[];
  /** The tables that are watched no longer. */
  readonly left: readonly { readonly oid: number; readonly name: string }[];
  /** Whether there was anything of it in the database. */
  readonly found: boolean;
}

export const noRemoval: Removal = {
  steps: [],
  findings: [],
  notes: [],
  afterwards: [],
  left: [],
  found: false,
};

/** The tables to remove from; `null`: all there are. */
export type Concerned = Pick<ReadonlySet<number>, 'has'> | null;
