import { PgCacheWatchError } from '../errors.js';
import { breaksWriters, madeFull, type ReplicaIdentities, type ReplicaIdentity } from './replica-identity.js';
import type { TreeMember } from './table-trees.js';

/**
 * The tables of a tree whose UPDATEs and DELETEs publishing would make fail, as one error that says how to
 * go on, in SQL that can be pasted.
 */
export function wouldBreak(
  members: readonly TreeMember[],
  broken: readonly TreeMember[],
  identities: ReplicaIdentities,
): PgCacheWatchError {
  const names = broken.map(({ name }) => name).join(', ');
  const identity = (member: TreeMember) => identities.get(member.oid);
  const full = broken.every((member) => {
    const found = identity(member);
    return found !== undefined && !breaksWriters(madeFull(found));
  });
  const ways = [primaryKey(members, broken, identity), byIndex(broken, identity)];
  if (full) {
    const sql = broken.map(({ name }) => `ALTER TABLE ${name} REPLICA IDENTITY FULL;`).join(' ');
    ways.push(
      `log whole rows: install with --replica-identity full (replicaIdentity: 'full'), or run ${sql} This writes more WAL`,
    );
  }
  return new PgCacheWatchError(
    'WOULD_BREAK_WRITERS',
    `${names}: published, every UPDATE and DELETE would fail, for want of a replica identity`,
    {
      remedy: `One of these: ${ways.map((way, i) => `(${i + 1}) ${way}`).join('; ')}.`,
    },
  );
}

type IdentityOf = (member: TreeMember) => ReplicaIdentity | undefined;

/** A primary key on the root of a partition tree is one on every partition, of today and of later. */
function primaryKey(
  members: readonly TreeMember[],
  broken: readonly TreeMember[],
  identity: IdentityOf,
): string {
  const [root] = members;
  if (root?.kind === 'p' && !identity(root)?.has_any_primary_key) {
    return `add a primary key, which has to hold the partition key, too: ALTER TABLE ${root.name} ADD PRIMARY KEY (…);`;
  }
  const sql = broken.map((member) => {
    const { has_primary_key, has_any_primary_key } = identity(member) ?? {};
    if (has_primary_key) return `ALTER TABLE ${member.name} REPLICA IDENTITY DEFAULT;`;
    if (has_any_primary_key) return `make the primary key of ${member.name} NOT DEFERRABLE;`;
    return `ALTER TABLE ${member.name} ADD PRIMARY KEY (…);`;
  });
  return `be known by a primary key: ${sql.join(' ')}`;
}

function byIndex(broken: readonly TreeMember[], identity: IdentityOf): string {
  const sql = broken.map((member) => {
    const { candidate = null } = identity(member) ?? {};
    const index = candidate ?? 'name_of_index';
    const create =
      candidate === null
        ? `CREATE UNIQUE INDEX ${index} ON ${member.name} (…); on columns that are NOT NULL, and `
        : '';
    return `${create}ALTER TABLE ${member.name} REPLICA IDENTITY USING INDEX ${index};`;
  });
  return `be known by a unique index: ${sql.join(' ')}`;
}
