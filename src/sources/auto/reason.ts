import type { Origin } from '../../changes/change-event.js';

/** One of the conditions that the choice between the sources depends on. */
export interface Reason {
  readonly mode: Origin;
  /** Whether it is fulfilled. */
  readonly met: boolean;
  /** What was found. */
  readonly message: string;
  /** What would fulfil it; `null` where it is. */
  readonly remedy: string | null;
}

export function describeReason({ mode, met, message, remedy }: Reason): string {
  return `${mode}: ${met ? 'yes' : 'no'}, ${message}${remedy === null ? '' : ` (${remedy})`}`;
}
