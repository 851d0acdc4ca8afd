import type { ChangeEvent, TransactionInfo } from './change-event.js';

/** All that one transaction changed in the watched tables. It is applied as one moment. */
export interface ChangeTransaction extends TransactionInfo {
  /** In the order of the writes. Can be iterated more than once. */
  readonly changes: Iterable<ChangeEvent>;
}
