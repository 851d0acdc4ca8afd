import { Client } from 'pg';

/** A connection such as an application has: pg's own, with the settings of the role and the database. */
export async function openClient(url: string, applicationName: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: applicationName });
  client.on('error', () => {});
  await client.connect();
  return client;
}
