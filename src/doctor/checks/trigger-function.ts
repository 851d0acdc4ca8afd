import { isFunctionCurrent } from '../../install/installation.js';
import { FUNCTION_FILES, NOTIFY_ROW, OLDER_FUNCTIONS } from '../../install/trigger-functions.js';
import { readUntrustedOwners, type UntrustedOwner } from '../../install/untrusted-owners.js';
import { sql } from '../../sql.js';
import type { Check, Examined } from '../check.js';
import { type Finding, reporter } from '../finding.js';
import { defaultTriggers, installTriggers } from '../install-command.js';
import { installedInTree } from '../installed-triggers.js';
import { bySql } from '../remedy.js';

interface TriggerFunction {
  /** With its arguments, quoted where SQL needs it. */
  readonly function: string;
  readonly ours: boolean;
  readonly owner: string;
  readonly database_owner: string;
  /** Whether its owner could do whatever it likes to these tables anyway. */
  readonly trusted: boolean;
  readonly definer: boolean;
  /** Whether it has a search_path of its own. */
  readonly pinned: boolean;
}

const report = reporter('trigger-function', ['notify']);

export const triggerFunction: Check = {
  name: 'trigger-function',
  modes: ['notify'],
  look: async (examined) => {
    const oids = examined.subject.trees.flatMap(({ members }) => members.map(({ oid }) => oid));
    const { rows } = await examined.client.query<TriggerFunction>(sql('doctor/trigger-functions.sql'), [
      oids,
      examined.options.channel,
    ]);
    const findings = rows.flatMap((each) =>
      each.ours ? [judgeOurs(each, examined)] : [...judgeOwner(each), judgeForeign(each)],
    );
    return [...judgeOwners(await readUntrustedOwners(examined.client)), ...findings];
  },
};

function judgeOwner({ function: name, owner, database_owner, trusted }: TriggerFunction): Finding[] {
  if (trusted) return [];
  return [
    report.warning(
      `${name} belongs to ${owner}, who can have anything run by everybody who writes to the tables`,
      bySql([`ALTER FUNCTION ${name} OWNER TO ${database_owner};`], 'as a superuser'),
    ),
  ];
}

/** Who could replace what our triggers run; the owner of all watched tables could do as much by other means. */
function judgeOwners(found: readonly UntrustedOwner[]): Finding[] {
  return found
    .filter(({ owns_tables }) => !owns_tables)
    .map(({ refusal, statement }) =>
      report.failure(refusal, bySql([statement], 'as a superuser, once it is clear what is in the schema')),
    );
}

function judgeOurs({ function: name, owner, pinned, definer }: TriggerFunction, examined: Examined): Finding {
  const { installation } = examined.readings;
  if (OLDER_FUNCTIONS.some((each) => name.endsWith(`.${each}()`))) {
    return report.note(
      `${name} is of an older version, and goes until all tables that call it are installed again`,
    );
  }
  const called = [...FUNCTION_FILES.keys()].find((each) => name.endsWith(`.${each}()`)) ?? '';
  if (isFunctionCurrent(installation, called))
    return report.ok(`${name} is of this version; ${owner} owns it`);
  const what = definer
    ? 'runs with the rights of its owner'
    : pinned || called !== NOTIFY_ROW
      ? 'is not the one of this version'
      : 'has no search_path of its own, and can be led astray by that of a writer';
  const who = installation.function_owned ? '' : `; ${owner} has to install it`;
  const { root, settings } = anInstalled(examined);
  return report.warning(`${name} ${what}${who}`, installTriggers(root, settings));
}

/** To install any table again is to install the function again. */
function anInstalled({ subject, options }: Examined) {
  for (const { root, members } of subject.trees) {
    const settings = installedInTree(members, options.channel);
    if (settings !== null) return { root: [root.name], settings };
  }
  return { root: [], settings: defaultTriggers(options.channel) };
}

function judgeForeign({ function: name, definer, pinned }: TriggerFunction): Finding {
  if (definer && !pinned) {
    return report.warning(
      `${name} runs with the rights of its owner and the search_path of whoever writes`,
      bySql([`ALTER FUNCTION ${name} SET search_path = pg_catalog, pg_temp;`], 'as its owner'),
    );
  }
  return report.note(`${name}, which is not of pgcachewatch, notifies the channel`);
}
