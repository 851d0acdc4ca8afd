import type { TestDatabase } from './database.js';

/** Puts the tables, as SQL reads their names, into the publication; makes it if need be. */
export async function publish(
  database: Pick<TestDatabase, 'query'>,
  tables: readonly string[],
  publication = 'pgcachewatch',
): Promise<void> {
  const { rows } = await database.query('select from pg_publication where pubname = $1', [publication]);
  if (rows.length === 0) await database.query(`create publication ${publication}`);
  for (const table of tables) {
    const there = await database.query(
      `select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
       where p.pubname = $1 and r.prrelid = $2::regclass`,
      [publication, table],
    );
    if (there.rows.length === 0) await database.query(`alter publication ${publication} add table ${table}`);
  }
}
