import { sql } from '../../sql.js';
import type { Check } from '../check.js';
import { type Finding, reporter } from '../finding.js';
import { installTriggers } from '../install-command.js';
import { installedInTree } from '../installed-triggers.js';
import type { Tree } from '../subject.js';

const report = reporter('notification-readers', ['notify']);

/** LISTEN needs no privilege: what notifications carry can be read by roles that may not read the tables. */
export const notificationReaders: Check = {
  name: 'notification-readers',
  modes: ['notify'],
  look: async ({ client, subject, options, server }) => {
    const installed = subject.trees.flatMap((tree) => {
      const settings = installedInTree(tree.members, options.channel);
      return settings === null ? [] : [{ tree, settings }];
    });
    const findings: Finding[] = [];
    for (const level of ['key', 'row'] as const) {
      const some = installed.filter(({ tree, settings }) => settings.level === level && carries(tree, level));
      const [first] = some;
      if (first === undefined) continue;
      const roots = some.map(({ tree }) => tree.root);
      const names = roots.map(({ name }) => name);
      const what = level === 'key' ? 'the keys of rows' : 'whole rows';
      const message = `Notifications carry ${what} of ${names.join(', ')}, and every role that may connect to database ${server.database} can read them`;
      const coarser = installTriggers(names, { ...first.settings, level: 'table' });
      const { rows } = await client.query<{ name: string }>(sql('doctor/notification-readers.sql'), [
        roots.map(({ oid }) => oid),
      ]);
      if (level === 'key') findings.push(report.note(`${message}; mode replication sends no notifications`));
      else if (rows.length === 0) findings.push(report.note(`${message}, as they can read the tables`));
      else {
        const whose = rows.map(({ name }) => name).join(', ');
        findings.push(report.warning(`${message}, also where they may not read ${whose}`, coarser));
      }
    }
    return findings;
  },
};

/** Without a key, a change at level key is one of the whole table. */
function carries({ root, members }: Tree, level: 'key' | 'row'): boolean {
  if (members.some(({ inherits }) => inherits)) return false;
  return level === 'row' || root.key !== '{}';
}
