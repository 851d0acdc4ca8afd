import type { NotifyOptions } from '../notify/notify-options.js';
import type { ReplicationOptions } from '../replication/replication-options.js';

/** What a source that chooses for itself needs to know: what either of the two does. */
export interface AutoOptions extends NotifyOptions, ReplicationOptions {
  /** While on notify, how soon to look whether replication has become possible. Default: a minute. */
  readonly lookForReplicationMs?: number | undefined;
}
