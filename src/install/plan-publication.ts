import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { foreignPublication, requireNamedOnly } from './existing-publication.js';
import type { Part } from './part.js';
import {
  type PublicationServer,
  type RowFilters,
  readPublication,
  readPublicationServer,
  readRowFilters,
} from './publication.js';
import { commentSteps, entrySteps, generatedSteps, publicationSteps } from './publication-changes.js';
import { type PublishedColumns, wantedEntries } from './publication-entries.js';
import { publicationFindings } from './publication-findings.js';
import { publicationObstacles, readIdentities } from './publication-obstacles.js';
import { checkWriters, setFull } from './publication-steps.js';
import { serverWarnings, treeWarnings } from './publication-warnings.js';
import type { TreeMember } from './table-trees.js';

export interface PublicationSettings {
  readonly publication: string;
  readonly columns: PublishedColumns;
  /** Whether a table without a usable replica identity gets the one of all its columns. */
  readonly full: boolean;
}

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
  { publication, columns, full }: PublicationSettings,
): Promise<Part> {
  const server = await readPublicationServer(client);
  const existing = await readPublication(client, publication);
  const warnings = serverWarnings(server);
  if (existing !== null && !existing.ours) {
    return { ...(await foreignPublication(client, existing, trees)), warnings };
  }
  if (existing !== null) await requireNamedOnly(client, existing, server);
  if (columns === 'key') requireLists(server);

  const identities = await readIdentities(client, trees, full);
  const { before, after, setToFull } = identities;
  const wanted = trees.map((tree) => wantedEntries(tree, after, columns));
  const filters: RowFilters = existing === null ? new Map() : await readRowFilters(client, existing);
  const changed = entrySteps(publication, existing, trees, wanted, filters);
  const altered = publicationSteps(publication, existing, server);
  const generated = generatedSteps(publication, existing, server, [...after.values()]);
  return {
    errors: publicationObstacles(trees, identities),
    steps: [
      ...altered,
      ...setToFull.map((member) => setFull(member, before.get(member.oid))),
      ...generated,
      ...changed.flatMap(({ steps }) => steps),
      ...commentSteps(publication, existing, setToFull, before),
      ...changed.flatMap(({ tree, steps }) => (steps.length === 0 ? [] : tree.slice(0, 1).map(checkWriters))),
    ],
    findings: publicationFindings(publication, existing, changed, [...altered, ...generated], setToFull),
    warnings: [...warnings, ...trees.flatMap((tree, i) => treeWarnings(tree, wanted[i], after, columns))],
    notes: [],
  };
}

function requireLists({ version }: PublicationServer): void {
  if (version >= 150_000) return;
  throw new PgCacheWatchError(
    'BAD_OPTION',
    `PostgreSQL ${Math.floor(version / 10_000)} publishes all columns of a table, or none`,
    { remedy: 'Install without --columns key (columns), or on PostgreSQL 15 or later.' },
  );
}
