import type { Step } from './plan.js';

/** What it takes to remove one of the ways of announcing changes. */
export interface Removal {
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
  readonly afterwards: readonly Step[];
  /** The tables that are watched no longer. */
  readonly left: readonly { readonly oid: number; readonly name: string }[];
  /** Whether there was anything of it in the database. */
  readonly found: boolean;
}

export const noRemoval: Removal = { steps: [], notes: [], afterwards: [], left: [], found: false };
