import type { ChangeSource } from './change-source.js';
import { openNotifySession } from './notify/open-notify-session.js';
import { openReplicationSession } from './replication/open-replication-session.js';
import { resolveOptions, type SourceOptions } from './source-options.js';
import { SupervisedSource } from './supervised-source.js';

/**
 * Makes a source of changes; nothing happens before its `start()`.
 *
 * @throws PgCacheWatchError `BAD_OPTION`, `BAD_TABLE_NAME`: at once, for what is wrong by itself
 */
export function createSource(options: SourceOptions = {}): ChangeSource {
  const resolved = resolveOptions(options);
  const open = resolved.mode === 'notify' ? openNotifySession(resolved) : openReplicationSession(resolved);
  return new SupervisedSource({ ...resolved, open });
}
