import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier, type QueryResult } from 'pg';
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

export async function createDatabase(serverUrl = inject('serverUrl')): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  const url = withDatabase(serverUrl, name);
  const clients = new Set<Client>();
  let own: Promise<Client> | null = null;
  await onServer(serverUrl, `CREATE DATABASE ${escapeIdentifier(name)}`);

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
      await onServer(serverUrl, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
    },
  };
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
