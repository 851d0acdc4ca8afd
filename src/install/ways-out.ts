import { escapeIdentifier } from 'pg';
import { PgCacheWatchError } from '../errors.js';
import { breaksWriters, madeFull, type ReplicaIdentities, type ReplicaIdentity } from './replica-identity.js';
import type { TreeMember } from './table-trees.js';

/** A tree, and those of its tables whose UPDATEs and DELETEs publishing would make fail. */
export interface BrokenTree {
  readonly members: readonly TreeMember[];
  readonly broken: readonly TreeMember[];
}

type IdentityOf = (member: TreeMember) => ReplicaIdentity | undefined;

/** One error for all of them, which says how to go on, in SQL that can be pasted. */
export function wouldBreak(
  trees: readonly BrokenTree[],
  identities: ReplicaIdentities,
): PgCacheWatchError | null {
  const broken = trees.flatMap((tree) => tree.broken);
  if (broken.length === 0) return null;
  const identity: IdentityOf = (member) => identities.get(member.oid);
  const ways = [
    `a primary key: ${trees.flatMap((tree) => primaryKey(tree, identity)).join(' ')}`,
    `a unique index on columns that are NOT NULL: ${broken.flatMap((member) => byIndex(member, identity)).join(' ')}`,
    ...full(broken, identity),
  ];
  return new PgCacheWatchError(
    'WOULD_BREAK_WRITERS',
    `Every UPDATE and DELETE on ${broken.map(({ name }) => name).join(', ')} would fail once it is published: ` +
      'no replica identity says which row is meant',
    { remedy: `Give each one of these. ${ways.map((way, i) => `(${i + 1}) ${way}`).join(' ')}` },
  );
}

/** A primary key on the root of a partition tree is one on every partition, of today and of later. */
function primaryKey({ members, broken }: BrokenTree, identity: IdentityOf): string[] {
  // Whatever else was chosen once goes before a primary key.
  const useIt = (member: TreeMember) =>
    identity(member)?.identity === 'd' ? [] : [`ALTER TABLE ${member.name} REPLICA IDENTITY DEFAULT;`];
  const [root] = members;
  if (root?.kind === 'p' && broken.length > 0 && !identity(root)?.has_any_primary_key) {
    return [
      `ALTER TABLE ${root.name} ADD PRIMARY KEY (…); which has to hold the partition key.`,
      ...broken.flatMap(useIt),
    ];
  }
  return broken.flatMap((member) => {
    const { has_primary_key, has_any_primary_key } = identity(member) ?? {};
    if (has_primary_key) return useIt(member);
    if (has_any_primary_key) return [`For ${member.name}, which has one, one that is not DEFERRABLE.`];
    return [`ALTER TABLE ${member.name} ADD PRIMARY KEY (…);`, ...useIt(member)];
  });
}

function byIndex(member: TreeMember, identity: IdentityOf): string[] {
  const candidate = identity(member)?.candidate ?? null;
  const index = candidate ?? escapeIdentifier(`${member.table}_identity`);
  const use = `ALTER TABLE ${member.name} REPLICA IDENTITY USING INDEX ${index};`;
  return candidate === null ? [`CREATE UNIQUE INDEX ${index} ON ${member.name} (…);`, use] : [use];
}

function full(broken: readonly TreeMember[], identity: IdentityOf): string[] {
  const possible = broken.filter((member) => {
    const found = identity(member);
    return found !== undefined && !breaksWriters(madeFull(found));
  });
  if (possible.length === 0) return [];
  const sql = possible.map(({ name }) => `ALTER TABLE ${name} REPLICA IDENTITY FULL;`).join(' ');
  return [
    `whole rows in the WAL, which makes more of it: install with --replica-identity full (replicaIdentity: 'full'), or run ${sql}`,
  ];
}
