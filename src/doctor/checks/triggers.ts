import type { Check, Examined } from '../check.js';
import { type Finding, reporter } from '../finding.js';
import { defaultTriggers, installTriggers } from '../install-command.js';
import { installedInTree } from '../installed-triggers.js';
import { byCommand, inWords } from '../remedy.js';
import type { Tree } from '../subject.js';
import { enableTriggers, type TriggerDrift, triggerDrifts } from '../trigger-drift.js';

const report = reporter('triggers', ['notify']);

/** That each table has the triggers that tell of all its changes, as this version would install them now. */
export const triggers: Check = {
  name: 'triggers',
  modes: ['notify'],
  look: (examined) => {
    const { subject, options } = examined;
    const wanted = subject.trees.filter((tree) => tree.notify);
    const findings = wanted.map((tree) => judgeTree(tree, examined));
    if (wanted.length === 0 && subject.unwatchable.length === 0) {
      const tables = subject.trees.map(({ root }) => root.name);
      findings.push(
        report.failure(
          `No table has triggers that notify channel ${JSON.stringify(options.channel)}`,
          installTriggers(tables, defaultTriggers(options.channel)),
        ),
      );
    }
    for (const { name, channel } of subject.elsewhere) {
      findings.push(
        report.note(`${name} notifies another channel`, byCommand(['doctor', '--channel', channel])),
      );
    }
    return findings;
  },
};

function judgeTree(tree: Tree, { options, readings }: Examined): Finding {
  const { root, members } = tree;
  const { channel } = options;
  const told = readings.offers.notifyingTables.byOid.has(String(root.oid));
  const installed = installedInTree(members, channel);
  if (installed === null) {
    if (told) {
      return report.note(
        `${root.name} has triggers of another library: changes are told as changes of the whole table`,
      );
    }
    return withoutTriggers(tree, channel);
  }
  const drifts = triggerDrifts(members, installed);
  if (drifts.length === 0 && told) {
    const detail = installed.level === 'table' ? '' : `, rows by (${root.key.slice(1, -1)})`;
    return report.ok(`${root.name} has its triggers: level ${installed.level}${detail}`);
  }
  const message = drifts.map(describe).join('; ') || `${root.name} is not told of completely`;
  // What disabled them may have had its reasons, and to enable them is all that it takes.
  const remedy = drifts.every(({ what }) => what === 'disabled' || what === 'ordinary')
    ? enableTriggers(drifts, installed.always)
    : installTriggers([root.name], installed);
  return told ? report.warning(message, remedy) : report.failure(message, remedy);
}

function withoutTriggers({ root, members }: Tree, channel: string): Finding {
  const other = installedInTree(members);
  if (other !== null) {
    return report.failure(
      `${root.name} notifies another channel, ${JSON.stringify(other.channel)}`,
      inWords(
        `Ask with --channel ${other.channel}, and have the source listen there: notify: { channel: ${JSON.stringify(other.channel)} }.`,
      ),
    );
  }
  const foreign = members.flatMap((each) => each.triggers.map(({ name }) => `${name} on ${each.name}`));
  if (foreign.length > 0) {
    return report.failure(
      `The triggers ${foreign.join(', ')} have the names of ours, and are not`,
      inWords('Rename or drop them, and install.'),
    );
  }
  return report.failure(
    `${root.name} has no triggers that notify channel ${JSON.stringify(channel)}`,
    installTriggers([root.name], defaultTriggers(channel)),
  );
}

function describe({ member, what, triggers: concerned, key }: TriggerDrift): string {
  const names = concerned.join(', ');
  switch (what) {
    case 'missing':
      return `${member.name} lacks triggers: ${names}`;
    case 'disabled':
      return `Triggers of ${member.name} are disabled: ${names}`;
    case 'ordinary':
      return `Triggers of ${member.name} were installed to fire always, and fire as ordinary ones now: ${names}`;
    case 'older':
      return `The triggers of ${member.name} are of an older version of pgcachewatch: ${names}`;
    case 'key':
      return `The triggers of ${member.name} tell rows by (${key.slice(1, -1)}), and its key is (${member.key.slice(1, -1)})`;
    case 'different':
      return `The triggers of ${member.name} are not as this version installs them: ${names}`;
  }
}
