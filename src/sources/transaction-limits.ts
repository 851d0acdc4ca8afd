/** What is held of one transaction before its tables collapse. */
export interface TransactionLimits {
  readonly maxChanges: number;
  readonly maxBytes: number;
}

/** Of the texts of the rows, as they have come. */
export const MAX_TRANSACTION_BYTES = 16 * 2 ** 20;
