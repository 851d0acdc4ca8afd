import { escapeLiteral } from 'pg';
import { LOCK_TIMEOUT_MS } from '../../sources/replication/limits.js';
import { describeInTheWay, type InTheWay, readInTheWay } from '../../sources/replication/slot-blocked.js';
import type { Check } from '../check.js';
import { type Finding, type Remedy, reporter } from '../finding.js';
import { bySql } from '../remedy.js';

const report = reporter('open-transactions', ['replication']);

/** Creating a slot waits for every transaction that has written, in any database. */
export const openTransactions: Check = {
  name: 'open-transactions',
  modes: ['replication'],
  look: async ({ client }) => {
    const found = await readInTheWay(client);
    return [found === null ? report.ok('No transaction that has written is open') : judgeInTheWay(found)];
  },
};

export function judgeInTheWay(found: InTheWay): Finding {
  const { age_seconds } = found;
  const who = describeInTheWay(found);
  if (age_seconds === null) {
    return report.note(
      `The creation of a slot waits for ${who}: for how long it has been open, a member of pg_read_all_stats could see`,
    );
  }
  if (age_seconds * 1000 < LOCK_TIMEOUT_MS)
    return report.ok('No transaction that has written is open for long');
  return report.warning(
    `The creation of a slot waits for ${who}, which has been open for ${age_seconds} s`,
    endIt(found),
  );
}

function endIt({ pid, prepared }: InTheWay): Remedy {
  return pid === null
    ? bySql(
        [`ROLLBACK PREPARED ${escapeLiteral(prepared ?? '')};`],
        'or COMMIT PREPARED, in its database: ask who prepared it',
      )
    : bySql(
        [`SELECT pg_terminate_backend(${pid});`],
        'if it will not end by itself: what it has done is rolled back',
      );
}
