import type { Client } from 'pg';
import { asError } from '../errors.js';
import { isCurrent, readInstallation } from '../install/installation.js';
import { MARK } from '../install/publication-comment.js';
import { sqlStateOf } from '../install/server-error.js';
import { sql } from '../sql.js';
import type {
  ConnectionStatus,
  PublicationStatus,
  ServerStatus,
  SlotStatus,
  Status,
  TriggerFunction,
  TriggersStatus,
} from './status.js';

const NAME = 'pgcachewatch';
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Reads what there is of ours in a database. Every query stands alone, so that a pooler may send each to
 * another connection, and what one may not see leaves the rest as it is. Nothing is written.
 */
export async function readStatus(client: Client): Promise<Status> {
  const unseen: string[] = [];
  const seen = async <T>(what: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
      unseen.push(`${what}: ${asError(error).message}`);
      return null;
    }
  };
  const rows = async <T extends object>(file: string, values: unknown[] = []): Promise<T[]> =>
    (await client.query<T>(sql(`status/${file}.sql`), values)).rows;

  const [server] = await rows<ServerStatus>('server');
  if (server === undefined) throw new TypeError('status/server.sql gives exactly one row');
  const status = {
    at: new Date(),
    server,
    triggerFunction: await seen('the trigger function', () => readTriggerFunction(client)),
    triggers: await seen('triggers', () => rows<TriggersStatus>('triggers')),
    publications: await seen('publications', () => rows<PublicationStatus>('publications', [MARK])),
    slots: await seen('replication slots', async () => (await rows<SlotStatus>('slots')).map(withOwner)),
    connections: await seen('connections', () => rows<ConnectionStatus>('connections')),
    notificationQueue: await seen('the notification queue', async () => {
      const [queue] = await rows<{ readonly usage: number }>('notification-queue');
      return queue?.usage ?? null;
    }),
  };
  if (!server.sees_all_processes && status.connections?.some(({ since }) => since === null)) {
    unseen.push(`addresses and times of other roles' processes: role ${server.role} is no pg_read_all_stats`);
  }
  return { ...status, unseen };
}

function withOwner(slot: SlotStatus): SlotStatus {
  return { ...slot, ours: slot.name.startsWith(NAME) || (slot.application ?? '').startsWith(`${NAME} `) };
}

async function readTriggerFunction(client: Client): Promise<TriggerFunction> {
  const installation = await readInstallation(client);
  if (!installation.function_exists) return 'missing';
  return isCurrent(installation) ? 'current' : 'different';
}
