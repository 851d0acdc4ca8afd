import { Client } from 'pg';

/** Connections that each take a WAL sender until they are ended. */
export function holdSenders(serverUrl: string, count: number): Promise<Client[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const sender = new Client({ connectionString: `${serverUrl}?replication=database` });
      sender.on('error', () => {});
      await sender.connect();
      return sender;
    }),
  );
}
