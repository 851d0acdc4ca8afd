import type { Publication, PublicationEntry } from '../../install/publication.js';
import {
  breaksWriters,
  madeFull,
  needsGenerated,
  type ReplicaIdentity,
  readReplicaIdentities,
} from '../../install/replica-identity.js';
import type { TreeMember } from '../../install/table-trees.js';
import type { Check } from '../check.js';
import { type Finding, type Remedy, reporter } from '../finding.js';
import { installPublication } from '../install-command.js';
import { bySql, inWords } from '../remedy.js';

const report = reporter('replica-identity', ['replication']);
const KINDS = { d: 'the primary key', i: 'an index', f: 'the whole row', n: 'nothing' } as const;

/** A published table whose rows cannot be told apart refuses every UPDATE and DELETE. */
export const replicaIdentity: Check = {
  name: 'replica-identity',
  modes: ['replication'],
  look: async ({ client, readings: { publication }, subject, server }) => {
    const stored = subject.trees
      .filter((tree) => tree.replication)
      .flatMap(({ members }) => members.filter(({ kind }) => kind === 'r'));
    const identities = await readReplicaIdentities(
      client,
      stored.map(({ oid }) => oid),
    );
    return stored.flatMap((member) => {
      const identity = identities.get(member.oid);
      if (identity === undefined || identity.unlogged) return [];
      const entry = publication?.entries.find(({ oid }) => oid === member.oid);
      return [judge(member, identity, publication, entry, server.version)];
    });
  },
};

function judge(
  member: TreeMember,
  identity: ReplicaIdentity,
  publication: Publication | null,
  entry: PublicationEntry | undefined,
  version: number,
): Finding {
  const { name } = member;
  if (breaksWriters(identity)) {
    const when = entry === undefined ? 'as soon as it is published' : 'now';
    return report.failure(
      `${name} has no usable replica identity: published, it refuses every UPDATE and DELETE (${when})`,
      identify(member, identity),
    );
  }
  const unlisted = entry?.columns && identity.columns.filter((column) => !entry.columns?.includes(column));
  if (publication !== null && unlisted && unlisted.length > 0) {
    return report.failure(
      `${name} refuses every UPDATE and DELETE: ${unlisted.join(', ')} of its replica identity is not published`,
      relist(name, publication),
    );
  }
  if (
    publication &&
    entry &&
    version >= 180_000 &&
    publication.generated !== 's' &&
    needsGenerated(identity)
  ) {
    return report.failure(
      `${name} refuses every UPDATE and DELETE: its replica identity has generated columns, which are not published`,
      bySql(
        [`ALTER PUBLICATION ${publication.quoted} SET (publish_generated_columns = stored);`],
        `as ${publication.owner}`,
      ),
    );
  }
  const what = identity.identity === 'f' ? '' : ` (${identity.columns.join(', ')})`;
  const message = `The replica identity of ${name} is ${KINDS[identity.identity]}${what}`;
  if (identity.identity !== 'f') return report.ok(message);
  return report.note(`${message}: each UPDATE and DELETE writes the old row to the WAL`);
}

/** The least that it takes. */
function identify({ name }: TreeMember, identity: ReplicaIdentity): Remedy {
  const asOwner = 'as the owner of the table';
  if (identity.has_primary_key) return bySql([`ALTER TABLE ${name} REPLICA IDENTITY DEFAULT;`], asOwner);
  if (identity.candidate !== null) {
    return bySql([`ALTER TABLE ${name} REPLICA IDENTITY USING INDEX ${identity.candidate};`], asOwner);
  }
  if (breaksWriters(madeFull(identity))) {
    return inWords(`Give ${name} a primary key: ALTER TABLE ${name} ADD PRIMARY KEY (…);`);
  }
  return bySql(
    [`ALTER TABLE ${name} REPLICA IDENTITY FULL;`],
    'a primary key is better: this writes whole rows to the WAL',
    asOwner,
  );
}

function relist(name: string, { name: publication, quoted, owner, ours }: Publication): Remedy {
  if (ours) return installPublication([name], publication, 'key');
  return bySql(
    [
      `ALTER PUBLICATION ${quoted} DROP TABLE ONLY ${name};`,
      `ALTER PUBLICATION ${quoted} ADD TABLE ONLY ${name};`,
    ],
    `as ${owner}, who has to own the table, too, or as a superuser`,
  );
}
