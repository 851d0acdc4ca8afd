import { sql } from '../../sql.js';
import { changeSetting } from '../change-setting.js';
import type { Check } from '../check.js';
import { reporter } from '../finding.js';
import { inWords } from '../remedy.js';

const report = reporter('prepared-transactions', ['notify']);

/** A transaction that has notified cannot be prepared: triggers that notify make PREPARE TRANSACTION fail. */
export const preparedTransactions: Check = {
  name: 'prepared-transactions',
  modes: ['notify'],
  look: async ({ client, readings, server, platform }) => {
    const most = readings.installation.max_prepared_transactions;
    if (most === 0)
      return [report.ok('Nobody can prepare transactions, which triggers that notify would break')];
    const { rows } = await client.query<{ gid: string }>(sql('doctor/prepared-transactions.sql'));
    const [first] = rows;
    const harm = 'PREPARE TRANSACTION fails in every transaction that has written to a table with triggers';
    if (first !== undefined) {
      const others = rows.length === 1 ? '' : ` and ${rows.length - 1} more`;
      return [
        report.warning(
          `Two-phase commit is in use, ${JSON.stringify(first.gid)}${others} being prepared: ${harm}`,
          inWords('Use mode replication for the tables that such transactions write to.'),
        ),
      ];
    }
    return [
      report.warning(
        `max_prepared_transactions is ${most}: ${harm}`,
        changeSetting(
          platform,
          'max_prepared_transactions',
          '0',
          server.settings.max_prepared_transactions,
          'if nobody prepares transactions',
        ),
      ),
    ];
  },
};
