import { sql } from '../../sql.js';
import type { Check } from '../check.js';
import { reporter } from '../finding.js';
import { installTriggers } from '../install-command.js';
import { installedInTree } from '../installed-triggers.js';

interface ReplicaRole {
  readonly role: string | null;
  readonly database: string | null;
}

const report = reporter('replica-role', ['notify']);

/** Under `session_replication_role = replica`, only those triggers fire that are enabled to do so always. */
export const replicaRole: Check = {
  name: 'replica-role',
  modes: ['notify'],
  look: async (examined) => {
    const { rows } = await examined.client.query<ReplicaRole>(sql('doctor/replica-role.sql'));
    if (rows.length === 0) return [];
    const whose = rows.map(describe).join(' and ');
    return examined.subject.trees.flatMap((tree) => {
      const settings = installedInTree(tree.members, examined.options.channel);
      if (settings === null || settings.always) return [];
      return [
        report.warning(
          `Sessions of ${whose} have session_replication_role = replica, and what they write to ${tree.root.name} is told to nobody`,
          installTriggers([tree.root.name], { ...settings, always: true }),
        ),
      ];
    });
  },
};

function describe({ role, database }: ReplicaRole): string {
  const who = role === null ? 'every role' : `role ${role}`;
  return database === null ? who : `${who} in database ${database}`;
}
