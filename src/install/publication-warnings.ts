import type { PublicationServer } from './publication.js';
import type { PublishedColumns, WantedTree } from './publication-entries.js';
import type { ReplicaIdentities } from './replica-identity.js';
import type { TreeMember } from './table-trees.js';

export function serverWarnings({ wal_level }: PublicationServer): string[] {
  if (wal_level === 'logical') return [];
  return [
    `wal_level is ${wal_level}: until it is logical, nobody can read the publication. Run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server.`,
  ];
}

export function treeWarnings(
  tree: readonly TreeMember[],
  wanted: WantedTree | undefined,
  identities: ReplicaIdentities,
  columns: PublishedColumns,
): string[] {
  const [root] = tree;
  if (root === undefined || wanted === undefined) return [];
  const warnings: string[] = [];
  if (!wanted.coversLater) {
    warnings.push(
      `${root.name}: what is added to it later, a partition or a child, is not told of until it is installed again.`,
    );
  }
  if (wanted.entries.some((entry) => entry.columns !== null)) {
    warnings.push(
      `${root.name} is published by some columns: before its replica identity gets another column, install it without --columns key, or UPDATE and DELETE will fail.`,
    );
  } else if (columns === 'key' && tree.some(({ oid }) => identities.get(oid)?.identity === 'f')) {
    warnings.push(`${root.name} has REPLICA IDENTITY FULL: all its columns are published.`);
  }
  return warnings;
}
