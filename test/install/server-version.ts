import { Client } from 'pg';

/** `server_version_num`, such as 180004, before any test is defined. */
export async function serverVersion(url: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("select current_setting('server_version_num')::int as version");
  await client.end();
  return rows[0].version;
}
