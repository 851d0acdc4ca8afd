import type { SubjectEvent } from '../checker/record.js';

/** What the process under test is told to do. */
export type Order =
  /** Makes a source and caches, and resolves when the source is live. */
  | { readonly do: 'open'; readonly round: number }
  | { readonly do: 'read' }
  /** Stops reading, catches up, and looks whether all that is kept is what there is. */
  | { readonly do: 'rest' }
  | { readonly do: 'close' }
  | { readonly do: 'block'; readonly ms: number }
  | { readonly do: 'step-clock'; readonly ms: number }
  | { readonly do: 'measure' }
  /** Ends whatever is left. It goes by itself then, unless something keeps it. */
  | { readonly do: 'end' };

/** Memory, after the garbage was collected. */
export interface Measures {
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly failedReads: number;
}

export type Request = Order & { readonly id: number };

export type Reply =
  | { readonly id: number; readonly result: Measures | null }
  | { readonly id: number; readonly error: string }
  | { readonly events: readonly SubjectEvent[] };
