import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { sql } from '../sql.js';
import { nothing, type Part } from './part.js';
import { type Publication, type PublicationServer, readPublishedSchemas } from './publication.js';
import { MARK } from './publication-comment.js';
import type { TreeMember } from './table-trees.js';

interface Told {
  readonly oid: string;
  readonly complete: boolean;
}

/**
 * What is to be done where the publication is somebody else's: nothing. It serves as it is if it tells all
 * of the tables already.
 */
export async function foreignPublication(
  client: Client,
  { name, quoted }: Publication,
  trees: readonly (readonly TreeMember[])[],
): Promise<Part> {
  const { rows } = await client.query<Told>(sql('replication/published-tables.sql'), [name]);
  const told = new Set(rows.filter(({ complete }) => complete).map(({ oid }) => oid));
  const missing = trees.flatMap(([root]) => (root && !told.has(String(root.oid)) ? [root.name] : []));
  if (missing.length === 0) {
    const finding = `publication ${quoted}: is not of pgcachewatch, and tells all that is wanted; nothing to change`;
    return { ...nothing, findings: [finding] };
  }
  const error = new PgCacheWatchError(
    'PUBLICATION_FOREIGN',
    `The publication ${quoted} is not of pgcachewatch, and does not tell all of ${missing.join(', ')}`,
    {
      remedy:
        'Give --publication another name, and createSource the same by replication.publication; or, if it ' +
        `may be altered, hand it over: COMMENT ON PUBLICATION ${quoted} IS '${MARK}';`,
    },
  );
  return { ...nothing, errors: [error] };
}

/**
 * That a publication of ours publishes no tables that nobody named: it would forbid UPDATE and DELETE on
 * every one of them that has no key.
 *
 * @throws PgCacheWatchError `WOULD_BREAK_WRITERS`
 */
export async function requireNamedOnly(
  client: Client,
  publication: Publication,
  server: PublicationServer,
): Promise<void> {
  const { quoted } = publication;
  if (publication.all_tables) {
    throw tooMuch(quoted, 'all tables', `DROP PUBLICATION ${quoted};`);
  }
  const found = await readPublishedSchemas(client, publication, server);
  if (found.length === 0) return;
  const schemas = found.map((each) => each.quoted).join(', ');
  const remedy = `ALTER PUBLICATION ${quoted} DROP TABLES IN SCHEMA ${schemas};`;
  throw tooMuch(quoted, `all tables in schema ${schemas}`, remedy);
}

function tooMuch(quoted: string, what: string, remedy: string): PgCacheWatchError {
  return new PgCacheWatchError(
    'WOULD_BREAK_WRITERS',
    `The publication ${quoted} is of ${what}: UPDATE and DELETE fail on each that has no key`,
    { remedy: `Run: ${remedy} Then install the tables that are wanted.` },
  );
}
