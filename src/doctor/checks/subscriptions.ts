import type { TreeMember } from '../../install/table-trees.js';
import { sql } from '../../sql.js';
import type { Check } from '../check.js';
import { type Remedy, reporter } from '../finding.js';
import { defaultTriggers, installTriggers } from '../install-command.js';
import { installedInTree } from '../installed-triggers.js';
import { inWords } from '../remedy.js';
import type { Tree } from '../subject.js';

interface Subscribed {
  readonly oid: number;
  readonly subscription: string;
  readonly enabled: boolean;
}

const report = reporter('subscriptions', ['notify']);

/** The apply worker of a subscription fires row triggers only, and of those the ones that fire always. */
export const subscriptions: Check = {
  name: 'subscriptions',
  modes: ['notify'],
  look: async ({ client, subject, options }) => {
    const trees = subject.trees.filter((tree) => tree.notify);
    const oids = trees.flatMap(({ members }) => members.map(({ oid }) => oid));
    const { rows } = await client.query<Subscribed>(sql('doctor/subscriptions.sql'), [oids]);
    return rows.flatMap(({ oid, subscription, enabled }) => {
      const tree = trees.find(({ members }) => members.some((member) => member.oid === oid));
      const member = tree?.members.find((each) => each.oid === oid);
      if (tree === undefined || member === undefined) return [];
      const written = `${member.name} is written to by subscription ${subscription}`;
      if (firesForApplyWorker(member)) return [report.ok(`${written}, which fires its triggers`)];
      return enabled
        ? report.failure(
            `${written}, which does not fire its triggers: those changes are told to nobody`,
            remedy(tree, options.channel),
          )
        : report.note(`${written}, which is disabled: enabled, its changes would be told to nobody`);
    });
  },
};

/** A partitioned table has no rows of its own, so the worker fires the triggers of its partitions. */
function firesForApplyWorker({ triggers }: TreeMember): boolean {
  return triggers.some(({ ours, type, enabled }) => ours && (type & 1) === 1 && 'AR'.includes(enabled));
}

function remedy({ root, members }: Tree, channel: string): Remedy {
  if (members.some(({ inherits }) => inherits)) return inWords('Use mode replication, which hears of them.');
  const settings = installedInTree(members, channel) ?? defaultTriggers(channel);
  return installTriggers([root.name], { ...settings, always: true });
}
