import { isCurrent } from '../../install/installation.js';
import type { SourceMode } from '../../sources/change-source.js';
import { sql } from '../../sql.js';
import type { Check, Examined } from '../check.js';
import { type Finding, type Reporter, reporter } from '../finding.js';
import { bySql } from '../remedy.js';
import type { Tree } from '../subject.js';

interface Rights {
  readonly name: string;
  readonly owner: string;
  readonly owned: boolean;
  readonly may_trigger: boolean;
}

const reports: Readonly<Record<SourceMode, Reporter>> = {
  notify: reporter('installing-rights', ['notify']),
  replication: reporter('installing-rights', ['replication']),
};

/** Whether this role could install what is not there yet. To listen takes no right, once it is. */
export const installingRights: Check = {
  name: 'installing-rights',
  modes: ['notify', 'replication'],
  look: async (examined) => {
    if (examined.server.superuser) return [];
    return [...(await judge('notify', examined)), ...(await judge('replication', examined))];
  },
};

async function judge(mode: SourceMode, examined: Examined): Promise<Finding[]> {
  const { client, subject, server } = examined;
  const lacking = subject.trees.filter((tree) => tree[mode] && !isInstalled(tree, mode, examined));
  const nothing = !isFounded(mode, examined);
  if (lacking.length === 0 && !nothing) return [];
  const findings: Finding[] = [];
  if (nothing && !server.may_create) {
    const what = mode === 'notify' ? 'the schema pgcachewatch' : 'a publication';
    findings.push(
      reports[mode].warning(
        `Role ${server.role} may not create ${what} in database ${server.database}, and cannot install for ${mode}`,
        bySql([`GRANT CREATE ON DATABASE ${server.database} TO ${server.role};`], "as the database's owner"),
      ),
    );
  }
  const oids = lacking.flatMap(({ members }) => members.map(({ oid }) => oid));
  const { rows } = await client.query<Rights>(sql('doctor/rights.sql'), [oids]);
  for (const { name, owner, owned, may_trigger } of rows) {
    if (mode === 'notify' ? may_trigger : owned) continue;
    const statement =
      mode === 'notify' ? `GRANT TRIGGER ON ${name} TO ${server.role};` : `GRANT ${owner} TO ${server.role};`;
    findings.push(
      reports[mode].warning(
        `Role ${server.role} does not own ${name}, and cannot install it for ${mode}`,
        bySql([statement], `as ${owner}; or have ${owner} install it`),
      ),
    );
  }
  return findings;
}

function isInstalled({ root }: Tree, mode: SourceMode, { readings: { offers } }: Examined): boolean {
  const reading = mode === 'notify' ? offers.notifyingTables : offers.publishedTables;
  return reading.byOid.has(String(root.oid));
}

/** Whether what all tables have in common is there. */
function isFounded(mode: SourceMode, { readings }: Examined): boolean {
  return mode === 'notify'
    ? readings.installation.schema_exists && isCurrent(readings.installation)
    : readings.publication !== null;
}
