import type { TableLock } from './lock.js';

/** What puts back what was there before a step. */
export interface Undo {
  /** For PL/pgSQL: statements, and no query. */
  readonly statement: string;
  readonly lock: TableLock | null;
  /** The tables whose UPDATE and DELETE the server could refuse by it: checked when all is undone. */
  readonly published?: readonly string[];
}

/** One thing that a plan does, so that a failure can be told in terms of what it was to achieve. */
export interface Step {
  /** What it does, as a sentence without a subject: `watch public.orders`. */
  readonly purpose: string;
  /** What the server needs of the role, where it is known: said when the server refuses. */
  readonly needs: string;
  /** The SQL: one statement, or several that belong together. */
  readonly statement: string;
  /** The same for PL/pgSQL, where that needs it to be written in another way; it has to for a query. */
  readonly script?: string;
  /** `null`: there is nothing to put back. */
  readonly undo: Undo | null;
  /** The strongest lock that it takes on a user's table. */
  readonly lock: TableLock | null;
}
