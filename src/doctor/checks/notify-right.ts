import { sql } from '../../sql.js';
import type { Check } from '../check.js';
import { reporter } from '../finding.js';
import { bySql } from '../remedy.js';

interface NotifyRight {
  readonly everybody: boolean;
  readonly this_role: boolean;
  readonly role: string;
}

const report = reporter('notify-right', ['notify']);
const GRANT = 'GRANT EXECUTE ON FUNCTION pg_catalog.pg_notify(text, text) TO';

/**
 * Triggers run with the rights of the writer. Without EXECUTE on pg_notify they fall back to the command NOTIFY, which
 * takes no right, and announce whole tables; a source has nothing to fall back to.
 */
export const notifyRight: Check = {
  name: 'notify-right',
  modes: ['notify'],
  look: async ({ client, subject }) => {
    const [right] = (await client.query<NotifyRight>(sql('doctor/notify-right.sql'))).rows;
    if (right === undefined || right.everybody) return [];
    const { role, this_role } = right;
    const who = 'as a superuser; or TO the roles that need it';
    if (!this_role) {
      return [
        report.failure(
          `Role ${role} may not execute pg_notify, which a source needs`,
          bySql([`${GRANT} ${role};`], who),
        ),
      ];
    }
    if (!subject.trees.some((tree) => tree.notify)) return [];
    return [
      report.warning(
        'EXECUTE on pg_notify is revoked from PUBLIC: what roles without it change is announced as a change of the whole table',
        bySql([`${GRANT} PUBLIC;`], who),
      ),
    ];
  },
};
