import type { PublicationEntry } from './publication.js';
import type { ReplicaIdentities, ReplicaIdentity } from './replica-identity.js';
import type { TreeMember } from './table-trees.js';

/** Which columns of a table are published. */
export type PublishedColumns = 'key' | 'all';

/** A table as it should stand in the publication. */
export interface WantedEntry {
  readonly member: TreeMember;
  /** `null`: all of them. */
  readonly columns: readonly string[] | null;
}

export interface WantedTree {
  readonly entries: readonly WantedEntry[];
  /** Whether partitions that are added later are told of, too. */
  readonly coversLater: boolean;
}

/**
 * How the tables of a tree have to be named in a publication.
 *
 * A partitioned table is named itself, and with it go the partitions of later, if its primary key gives each
 * of them a replica identity. Without one, a partition added later would refuse UPDATE and DELETE from its
 * first day on: then only those are named that are there. A list of columns is allowed for a partition and
 * not for its root: with it, both are named.
 *
 * @param members the tree, the root first, without what is temporary
 */
export function wantedEntries(
  members: readonly TreeMember[],
  identities: ReplicaIdentities,
  columns: PublishedColumns,
): WantedTree {
  const [root] = members;
  if (root === undefined) return { entries: [], coversLater: true };
  const rootIdentity = identities.get(root.oid);
  const stored = members
    .filter(({ kind }) => kind === 'r')
    .map((member) => ({ member, columns: list(identities.get(member.oid), rootIdentity, columns) }));
  if (root.kind !== 'p') return { entries: stored, coversLater: members.length === 1 };
  if (!rootIdentity?.has_primary_key) return { entries: stored, coversLater: false };
  const listed = stored.filter((entry) => entry.columns !== null);
  return { entries: [{ member: root, columns: null }, ...listed], coversLater: true };
}

/** Whether the publication names the table in just this way. */
export function isAsWanted(entry: PublicationEntry, { columns }: WantedEntry): boolean {
  if (entry.filtered) return false;
  if (entry.columns === null || columns === null) return entry.columns === columns;
  const wanted = new Set(columns);
  return entry.columns.length === wanted.size && entry.columns.every((column) => wanted.has(column));
}

/** A list has to hold the whole replica identity, or UPDATE and DELETE fail; FULL is all columns. */
function list(
  own: ReplicaIdentity | undefined,
  root: ReplicaIdentity | undefined,
  columns: PublishedColumns,
): readonly string[] | null {
  if (columns === 'all' || own === undefined || own.identity === 'f') return null;
  const names = new Set([...(root?.key ?? []), ...own.columns]);
  return names.size === 0 ? null : [...names];
}
