import { openAutoSession } from './auto/open-auto-session.js';
import type { Reason } from './auto/reason.js';
import type { ChangeSource } from './change-source.js';
import { openNotifySession } from './notify/open-notify-session.js';
import { openReplicationSession } from './replication/open-replication-session.js';
import type { OpenSession } from './session.js';
import { type ResolvedOptions, resolveOptions, type SourceOptions } from './source-options.js';
import { SupervisedSource } from './supervised-source.js';

/**
 * Makes a source of changes; nothing happens before its `start()`.
 *
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`: at once, for what is wrong by itself
 */
export function createSource(options: SourceOptions = {}): ChangeSource {
  const resolved = resolveOptions(options);
  const reasons: { current: readonly Reason[] } = { current: [] };
  const mode = resolved.mode === 'auto' ? null : resolved.mode;
  return new SupervisedSource({ ...resolved, mode, reasons, open: opener(resolved, reasons) });
}

function opener(options: ResolvedOptions, reasons: { current: readonly Reason[] }): OpenSession {
  switch (options.mode) {
    case 'notify':
      return openNotifySession(options);
    case 'replication':
      return openReplicationSession(options);
    case 'auto':
      return openAutoSession(options, (choice) => {
        reasons.current = choice.reasons;
      });
  }
}
