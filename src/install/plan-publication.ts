import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { foreignPublication, requireNamedOnly } from './existing-publication.js';
import type { Part } from './part.js';
import {
  type Publication,
  type PublicationServer,
  type RowFilters,
  readPublication,
  readPublicationServer,
  readRowFilters,
} from './publication.js';
import { commentSteps, entrySteps, generatedSteps, publicationSteps } from './publication-changes.js';
import { wantedEntries } from './publication-entries.js';
import { publicationFindings } from './publication-findings.js';
import { publicationObstacles, readIdentities } from './publication-obstacles.js';
import type { PublicationSettings } from './publication-settings.js';
import { checkWritersOf, setFull } from './publication-steps.js';
import { serverWarnings, treeWarnings } from './publication-warnings.js';
import type { TreeMember } from './table-trees.js';

type Tree = readonly TreeMember[];

/**
 * Plans the publication of the trees: none but these, nothing of anybody else's touched, and no table whose
 * UPDATEs and DELETEs would fail by it.
 *
 * @throws PgCacheWatchError `WOULD_BREAK_WRITERS`, `BAD_OPTION`
 */
export async function planPublication(
  client: Client,
  trees: readonly Tree[],
  settings: PublicationSettings,
): Promise<Part> {
  const { publication, columns, full } = settings;
  const server = await readPublicationServer(client);
  const existing = await readPublication(client, publication);
  const warnings = serverWarnings(server);
  if (existing !== null && !existing.ours) {
    const part = await foreignPublication(client, existing, trees);
    return { ...part, errors: [...part.errors, ...(full === 'all' ? [notOurs(existing)] : [])], warnings };
  }
  if (existing !== null) await requireNamedOnly(client, existing, server);
  if (columns === 'key') requireLists(server);

  const identities = await readIdentities(client, trees, settings);
  const { before, after, setToFull } = identities;
  const wanted = trees.map((tree) => wantedEntries(tree, after, columns));
  const filters: RowFilters = existing === null ? new Map() : await readRowFilters(client, existing);
  const changed = entrySteps(publication, existing, trees, wanted, filters);
  const altered = publicationSteps(publication, existing, server);
  const concerned = changed.flatMap(({ tree, steps }) =>
    steps.length > 0 || tree.some((member) => setToFull.includes(member)) ? tree.slice(0, 1) : [],
  );
  const generated = generatedSteps(publication, existing, server, [...after.values()]);
  return {
    errors: publicationObstacles(trees, identities, full),
    steps: [
      ...altered,
      ...setToFull.map((member) => setFull(member, before.get(member.oid))),
      ...generated,
      ...changed.flatMap(({ steps }) => steps),
      ...commentSteps(publication, existing, setToFull, before),
      ...(concerned.length > 0 ? [checkWritersOf(concerned)] : []),
    ],
    findings: publicationFindings(
      publication,
      existing,
      changed,
      [...altered, ...generated],
      setToFull,
      full,
    ),
    warnings: [...warnings, ...trees.flatMap((tree, i) => treeWarnings(tree, wanted[i], after, columns))],
    notes: [],
  };
}

/** What it leaves out of its tables may be altered at any time, and then whole rows would break writers. */
function notOurs({ quoted }: Publication): PgCacheWatchError {
  const message = `The publication ${quoted} is not of pgcachewatch, which logs whole rows for its own alone`;
  return new PgCacheWatchError('PUBLICATION_FOREIGN', message, {
    remedy: 'Give --publication another name, and createSource the same by replication.publication.',
  });
}

function requireLists({ version }: PublicationServer): void {
  if (version >= 150_000) return;
  throw new PgCacheWatchError(
    'BAD_OPTION',
    `PostgreSQL ${Math.floor(version / 10_000)} publishes all columns of a table, or none`,
    { remedy: 'Install without --columns key (columns), or on PostgreSQL 15 or later.' },
  );
}
