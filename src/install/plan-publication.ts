import type { Client } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { foreignPublication, requireNamedOnly } from './existing-publication.js';
import type { Part } from './part.js';
import {
  type Publication,
  type PublicationServer,
  readPublication,
  readPublicationServer,
} from './publication.js';
import { commentSteps, entrySteps, generatedSteps, publicationSteps } from './publication-changes.js';
import { type PublishedColumns, wantedEntries } from './publication-entries.js';
import { checkWriters, setFull } from './publication-steps.js';
import { serverWarnings, treeWarnings } from './publication-warnings.js';
import {
  breaksWriters,
  madeFull,
  type ReplicaIdentities,
  readReplicaIdentities,
} from './replica-identity.js';
import type { TreeMember } from './table-trees.js';
import { wouldBreak } from './ways-out.js';

export interface PublicationSettings {
  readonly publication: string;
  readonly columns: PublishedColumns;
  /** Which tables get the replica identity of all columns: those without a usable one, or all. */
  readonly full: 'none' | 'needed' | 'all';
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
    const part = await foreignPublication(client, existing, trees);
    return { ...part, errors: [...part.errors, ...(full === 'all' ? [notOurs(existing)] : [])], warnings };
  }
  if (existing !== null) await requireNamedOnly(client, existing, server);
  if (columns === 'key') requireLists(server);

  const oids = trees.flat().map(({ oid }) => oid);
  const before = await readReplicaIdentities(client, oids);
  const setToFull = trees.flatMap((tree) => toBeFull(tree, before, full));
  const identities = withFull(before, setToFull);
  const wanted = trees.map((tree) => wantedEntries(tree, identities, columns));
  const broke = trees.map((tree) => ({ members: tree, broken: broken(tree, identities) }));
  const refusal = wouldBreak(broke, before);
  const changed = entrySteps(publication, existing, trees, wanted);
  return {
    errors: [
      ...unlogged(trees, before),
      ...(full === 'all' ? trees.flat().flatMap((member) => cannotBeFull(member, before)) : []),
      ...(refusal === null ? [] : [refusal]),
    ],
    steps: [
      ...publicationSteps(publication, existing, server),
      ...setToFull.map(setFull),
      ...generatedSteps(publication, existing, server, [...identities.values()]),
      ...changed.flatMap(({ steps }) => steps),
      ...commentSteps(publication, existing, setToFull, before),
      ...changed.flatMap(({ tree, steps }) =>
        steps.length > 0 || isAnyIn(tree, setToFull) ? tree.slice(0, 1).map(checkWriters) : [],
      ),
    ],
    warnings: [
      ...warnings,
      ...trees.flatMap((tree, i) => treeWarnings(tree, wanted[i], identities, columns)),
    ],
    notes: changed.flatMap(({ tree, tree: [root], steps }) =>
      root === undefined || steps.length > 0 || isAnyIn(tree, setToFull)
        ? []
        : [`${root.name} is published already, in just this way.`],
    ),
  };
}

function toBeFull(
  tree: Tree,
  identities: ReplicaIdentities,
  full: PublicationSettings['full'],
): readonly TreeMember[] {
  if (full === 'none') return [];
  if (full === 'needed') return broken(tree, identities);
  return tree.filter(({ kind, oid }) => {
    const found = identities.get(oid);
    return kind === 'r' && found !== undefined && found.identity !== 'f' && !breaksWriters(madeFull(found));
  });
}

function cannotBeFull({ oid, kind, name }: TreeMember, identities: ReplicaIdentities): PgCacheWatchError[] {
  const found = identities.get(oid);
  if (kind !== 'r' || found === undefined || !breaksWriters(madeFull(found))) return [];
  const message = `${name} has a virtual generated column, and with REPLICA IDENTITY FULL its writers would fail`;
  return [
    new PgCacheWatchError('WOULD_BREAK_WRITERS', message, {
      remedy: 'Make the column STORED, or install without --replica-identity always-full.',
    }),
  ];
}

/** What it leaves out of its tables may be altered at any time, and then whole rows would break writers. */
function notOurs({ quoted }: Publication): PgCacheWatchError {
  const message = `The publication ${quoted} is not of pgcachewatch, which logs whole rows for its own alone`;
  return new PgCacheWatchError('PUBLICATION_FOREIGN', message, {
    remedy: 'Give --publication another name, and createSource the same by replication.publication.',
  });
}

function isAnyIn(tree: Tree, members: readonly TreeMember[]): boolean {
  return tree.some((member) => members.includes(member));
}

function broken(tree: Tree, identities: ReplicaIdentities): TreeMember[] {
  return tree.filter(({ kind, oid }) => {
    const identity = identities.get(oid);
    // A partitioned table has no rows of its own to be found.
    return kind === 'r' && identity !== undefined && breaksWriters(identity);
  });
}

function withFull(identities: ReplicaIdentities, members: readonly TreeMember[]): ReplicaIdentities {
  const full = new Set(members.map(({ oid }) => oid));
  return new Map([...identities].map(([oid, found]) => [oid, full.has(oid) ? madeFull(found) : found]));
}

function unlogged(trees: readonly Tree[], identities: ReplicaIdentities): PgCacheWatchError[] {
  return trees
    .flat()
    .filter(({ oid, kind }) => kind === 'r' && identities.get(oid)?.unlogged)
    .map(
      ({ name }) =>
        new PgCacheWatchError('UNWATCHABLE', `${name} is unlogged: its changes are not in the WAL`, {
          remedy: `Run: ALTER TABLE ${name} SET LOGGED; or install with --mode notify.`,
        }),
    );
}

function requireLists({ version }: PublicationServer): void {
  if (version >= 150_000) return;
  throw new PgCacheWatchError(
    'BAD_OPTION',
    `PostgreSQL ${Math.floor(version / 10_000)} publishes all columns of a table, or none`,
    { remedy: 'Install without --columns key (columns), or on PostgreSQL 15 or later.' },
  );
}
