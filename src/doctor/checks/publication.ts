import { type Publication, readPublicationServer, readPublishedSchemas } from '../../install/publication.js';
import { sql } from '../../sql.js';
import type { Check, Examined } from '../check.js';
import { type Finding, reporter } from '../finding.js';
import { installPublication } from '../install-command.js';
import { bySql, inWords } from '../remedy.js';

interface Operations {
  readonly lacking: readonly string[];
  readonly via_root: boolean;
}

const report = reporter('publication', ['replication']);

/** That there is one, and that it tells of every kind of change and of no more tables than were named. */
export const publication: Check = {
  name: 'publication',
  modes: ['replication'],
  look: async (examined) => {
    const { readings, subject, options } = examined;
    const found = readings.publication;
    const wanted = subject.trees.filter((tree) => tree.replication);
    const tables = (subject.named ? wanted : subject.trees).map(({ root }) => root.name);
    const install = installPublication(tables, options.publication);
    if (found === null) {
      return [report.failure(`There is no publication ${JSON.stringify(options.publication)}`, install)];
    }
    const { rows } = await examined.client.query<Operations>(sql('doctor/publication.sql'), [found.name]);
    const findings = [
      ...rows.flatMap((operations) => judgeOperations(found, operations, examined)),
      ...(await judgeExtent(found, examined)),
    ];
    if (!found.ours) {
      findings.push(
        report.note(`Publication ${found.quoted} is not of pgcachewatch: install leaves it as it is`),
      );
    }
    if (wanted.length === 0 && subject.unwatchable.length === 0) {
      findings.push(report.failure(`Publication ${found.quoted} holds no table`, install));
    }
    if (findings.length > 0) return findings;
    return [report.ok(`Publication ${found.quoted} tells every kind of change`)];
  },
};

function judgeOperations(found: Publication, operations: Operations, { subject }: Examined): Finding[] {
  const { lacking, via_root } = operations;
  const findings: Finding[] = [];
  const asOwner = `as ${found.owner}`;
  if (lacking.length > 0) {
    findings.push(
      report.failure(
        `Publication ${found.quoted} does not tell of ${lacking.join(', ')}`,
        bySql(
          [`ALTER PUBLICATION ${found.quoted} SET (publish = 'insert, update, delete, truncate');`],
          asOwner,
        ),
      ),
    );
  }
  if (via_root && subject.trees.some((tree) => tree.replication && tree.root.kind === 'p')) {
    findings.push(
      report.failure(
        `Publication ${found.quoted} publishes by partition root: the TRUNCATE of one partition is told to nobody`,
        bySql([`ALTER PUBLICATION ${found.quoted} SET (publish_via_partition_root = false);`], asOwner),
      ),
    );
  }
  return findings;
}

/** What nobody named is published all the same, and UPDATE and DELETE fail on what has no replica identity. */
async function judgeExtent(found: Publication, { client }: Examined): Promise<Finding[]> {
  const schemas = await readPublishedSchemas(client, found, await readPublicationServer(client));
  const what = found.all_tables ? 'all tables' : `all tables in schema ${schemas.join(', ')}`;
  if (!found.all_tables && schemas.length === 0) return [];
  return [
    report.warning(
      `Publication ${found.quoted} is of ${what}: UPDATE and DELETE fail on each table that has no key, and on those of later`,
      inWords(
        'Publish tables by name: npx pgcachewatch install <tables…> --mode replication --publication <another> --commit',
      ),
    ),
  ];
}
