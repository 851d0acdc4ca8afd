import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral, type QueryResult } from 'pg';
import { inject } from 'vitest';

/** A database of a test's own, on the server that all tests share. */
export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** A new connection; closed by `drop` at the latest. */
  client(): Promise<Client>;
  /** Runs a query on one connection, the same every time. */
  query(text: string, values?: unknown[]): Promise<QueryResult>;
  /** Closes the connections and removes the database, whoever else is still connected to it. */
  drop(): Promise<void>;
}

/** @param encoding as the server calls it; default: UTF8 */
export async function createDatabase(
  serverUrl = inject('serverUrl'),
  encoding?: string,
): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = withDatabase(serverUrl, name);
  const clients = new Set<Client>();
  let own: Promise<Client> | null = null;
  const encoded =
    encoding && ` ENCODING ${escapeLiteral(encoding)} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`;
  await onServer(serverUrl, `CREATE DATABASE ${escapeIdentifier(name)}${encoded ?? ''}`);

  const client = async (): Promise<Client> => {
    const opened = await open(url);
    clients.add(opened);
    return opened;
  };

  return {
    name,
    url,
    client,
    async query(text, values) {
      own ??= client();
      return (await own).query(text, values);
    },
    async drop() {
      await Promise.allSettled([...clients].map((each) => each.end()));
      clients.clear();
      // A database that a slot belongs to cannot be dropped.
      await onServer(serverUrl, dropSlotsOf(name));
      await onServer(serverUrl, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
    },
  };
}

/** A slot is inactive only when its reader is gone, and a reader may come back once more. */
function dropSlotsOf(database: string): string {
  return `do $$
    declare slot record;
    begin
      for slot in select * from pg_replication_slots where database = ${escapeLiteral(database)} loop
        for attempt in 1 .. 20 loop
          begin
            perform pg_terminate_backend(active_pid, 2000)
              from pg_replication_slots where slot_name = slot.slot_name and active_pid is not null;
            perform pg_drop_replication_slot(slot_name)
              from pg_replication_slots where slot_name = slot.slot_name and not temporary;
            exit;
          exception when object_in_use then perform pg_sleep(0.05);
          end;
        end loop;
      end loop;
    end $$`;
}

async function onServer(serverUrl: string, text: string): Promise<void> {
  const client = await open(serverUrl);
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function open(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // Tests end other people's backends on purpose.
  client.on('error', () => {});
  await client.connect();
  return client;
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
