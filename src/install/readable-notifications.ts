import type { TreeMember } from './table-trees.js';
import { type TriggerSettings, triggerArguments } from './triggers.js';

/** What the notifications of triggers hold of the rows, once for all tables: whoever may connect can read it. */
export function readableNotifications(
  trees: readonly (readonly TreeMember[])[],
  settings: TriggerSettings,
): string[] {
  const levels = trees.flatMap((tree) => {
    const inherits = tree.some((member) => member.inherits);
    return tree.slice(0, 1).map((root) => triggerArguments({ ...root, inherits }, settings));
  });
  const rows = levels.some(({ level }) => level === 'row');
  if (!rows && !levels.some(({ level, key }) => level === 'key' && key !== '{}')) return [];
  return [
    `Notifications carry ${rows ? 'whole rows' : 'the keys of rows'}, and every role that may connect to this database can read them: LISTEN needs no privilege. To avoid that, install with --level table, or use --mode replication.`,
  ];
}
