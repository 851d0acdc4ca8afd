import { describeChanges } from './changes.js';
import { describeLifecycle } from './lifecycle.js';
import { describeRecovery } from './recovery.js';
import type { SourceKind } from './source-kind.js';
import { describeTransactions } from './transactions.js';

/** All that a source has to fulfil, whatever it is made of. */
export function describeConformance(kind: SourceKind): void {
  describeChanges(kind);
  describeTransactions(kind);
  describeLifecycle(kind);
  describeRecovery(kind);
}
