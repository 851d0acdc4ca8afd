import type { Client } from 'pg';
import { sessionOf } from '../sources/connection/session.js';

/** Works under another setting of the session, which is afterwards what it was. */
export async function withSetting<T>(
  client: Client,
  name: 'lock_timeout' | 'search_path',
  value: string,
  work: () => Promise<T>,
): Promise<T> {
  const session = sessionOf(client);
  if (session?.isShared) return session.during(name, value, work);
  const { rows } = await client.query<{ before: string }>(
    'select pg_catalog.current_setting($1) as before, pg_catalog.set_config($1, $2, false)',
    [name, value],
  );
  try {
    return await work();
  } finally {
    const set = "select pg_catalog.set_config($1, coalesce($2, ''), false)";
    await client.query(set, [name, rows[0]?.before]);
  }
}

/**
 * Has the server qualify every name in the definitions that it writes: they are run again in another session,
 * which may have another search path.
 */
export function withQualifiedNames<T>(client: Client, work: () => Promise<T>): Promise<T> {
  return withSetting(client, 'search_path', 'pg_catalog, pg_temp', work);
}
