import type { Check } from './check.js';
import { fallback } from './checks/fallback.js';
import { installingRights } from './checks/installing-rights.js';
import { keys } from './checks/keys.js';
import { listen } from './checks/listen.js';
import { notificationQueue } from './checks/notification-queue.js';
import { notificationReaders } from './checks/notification-readers.js';
import { notifyRight } from './checks/notify-right.js';
import { openTransactions } from './checks/open-transactions.js';
import { partitions } from './checks/partitions.js';
import { platform } from './checks/platform.js';
import { pooler } from './checks/pooler.js';
import { preparedTransactions } from './checks/prepared-transactions.js';
import { publication } from './checks/publication.js';
import { publishedTables } from './checks/published-tables.js';
import { readOnly } from './checks/read-only.js';
import { replicaIdentity } from './checks/replica-identity.js';
import { replicaRole } from './checks/replica-role.js';
import { replicationConnection } from './checks/replication-connection.js';
import { replicationRight } from './checks/replication-right.js';
import { serverVersion } from './checks/server-version.js';
import { slots } from './checks/slots.js';
import { slotsAndSenders } from './checks/slots-and-senders.js';
import { standby } from './checks/standby.js';
import { subscriptions } from './checks/subscriptions.js';
import { triggerFunction } from './checks/trigger-function.js';
import { triggers } from './checks/triggers.js';
import { walLevel } from './checks/wal-level.js';
import { walRetention } from './checks/wal-retention.js';
import { watchable } from './checks/watchable.js';

/**
 * In the order in which they are told, and in which their remedies are best applied: a table that cannot be
 * published as it is comes before the publication that lacks it.
 */
export const checks: readonly Check[] = [
  // The server, and the way to it.
  serverVersion,
  platform,
  standby,
  readOnly,
  pooler,
  // What notify needs.
  listen,
  notifyRight,
  notificationQueue,
  preparedTransactions,
  // What replication needs.
  walLevel,
  replicationRight,
  slotsAndSenders,
  replicationConnection,
  openTransactions,
  slots,
  walRetention,
  // The tables.
  installingRights,
  watchable,
  keys,
  partitions,
  triggers,
  triggerFunction,
  notificationReaders,
  replicaRole,
  subscriptions,
  replicaIdentity,
  publication,
  publishedTables,
  fallback,
];
