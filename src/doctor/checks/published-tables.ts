import type { Publication } from '../../install/publication.js';
import { type ReplicaIdentities, readReplicaIdentities } from '../../install/replica-identity.js';
import { sql } from '../../sql.js';
import type { Check, Examined } from '../check.js';
import { type Finding, type Remedy, reporter } from '../finding.js';
import { installPublication } from '../install-command.js';
import { bySql } from '../remedy.js';
import type { Tree } from '../subject.js';

const report = reporter('published-tables', ['replication']);

/** That the publication tells of every row of each table, and of its partitions. */
export const publishedTables: Check = {
  name: 'published-tables',
  modes: ['replication'],
  look: async (examined) => {
    const { client, readings, subject } = examined;
    const { publication } = readings;
    if (publication === null) return [];
    const trees = subject.trees.filter((tree) => tree.replication);
    const oids = trees.flatMap(({ members }) => members.map(({ oid }) => oid));
    const { rows } = await client.query<{ oid: number }>(sql('doctor/published-members.sql'), [
      publication.name,
      oids,
    ]);
    const published = new Set(rows.map(({ oid }) => oid));
    const identities = await readReplicaIdentities(client, oids);
    return trees.flatMap((tree) => judgeTree(tree, publication, published, identities, examined));
  },
};

function judgeTree(
  { root, members }: Tree,
  publication: Publication,
  published: ReadonlySet<number>,
  identities: ReplicaIdentities,
  { readings }: Examined,
): Finding[] {
  const entries = publication.entries.filter((entry) => members.some(({ oid }) => oid === entry.oid));
  const listed = entries.filter(({ columns }) => columns !== null);
  const notes = listed.map(({ name, columns }) =>
    report.note(`${name} is published by some columns: before and after hold (${columns?.join(', ')}) alone`),
  );
  if (readings.offers.publishedTables.byOid.has(String(root.oid))) {
    return [report.ok(`${root.name} is published`), ...notes];
  }
  const install = installPublication([root.name], publication.name, listed.length > 0 ? 'key' : 'all');
  const findings = notes;
  const filtered = entries.filter((entry) => entry.filtered);
  if (filtered.length > 0) {
    findings.push(
      report.failure(
        `${filtered.map(({ name }) => name).join(', ')} is published with a row filter: changes of other rows are not told`,
        publication.ours ? install : unfilter(publication, filtered),
      ),
    );
  }
  // A partitioned table has no rows of its own; what is unlogged cannot be published, and is told of elsewhere.
  const lacking = members.filter(
    ({ oid, kind }) => kind === 'r' && !published.has(oid) && !identities.get(oid)?.unlogged,
  );
  // By partition root, none is published by its own name.
  if (lacking.length > 0 && !published.has(root.oid)) {
    const names = lacking.map(({ name }) => name).join(', ');
    findings.push(
      report.failure(
        `${names} is not published by ${publication.quoted}`,
        publication.ours ? install : add(publication, lacking),
      ),
    );
  }
  return findings;
}

type Named = { readonly name: string };

function add({ quoted, owner }: Publication, tables: readonly Named[]): Remedy {
  return bySql(
    tables.map(({ name }) => `ALTER PUBLICATION ${quoted} ADD TABLE ONLY ${name};`),
    `as ${owner}, who has to own the table, too, or as a superuser`,
  );
}

function unfilter({ quoted, owner }: Publication, tables: readonly Named[]): Remedy {
  return bySql(
    tables.flatMap(({ name }) => [
      `ALTER PUBLICATION ${quoted} DROP TABLE ONLY ${name};`,
      `ALTER PUBLICATION ${quoted} ADD TABLE ONLY ${name};`,
    ]),
    `as ${owner}, who has to own the table, too, or as a superuser`,
  );
}
