import type { Check, Examined } from '../check.js';
import { type Remedy, reporter } from '../finding.js';
import { bySql } from '../remedy.js';

const report = reporter('replication-right', ['replication']);

export const replicationRight: Check = {
  name: 'replication-right',
  modes: ['replication'],
  look: (examined) => {
    const { role } = examined.server;
    return examined.readings.offers.may_replicate
      ? [report.ok(`Role ${role} may replicate`)]
      : [report.failure(`Role ${role} may not replicate`, grantReplication(examined))];
  },
};

/** On RDS, nobody is a superuser, and the right goes by membership in a role. */
export function grantReplication({
  server: { role },
  platform,
}: Pick<Examined, 'server' | 'platform'>): Remedy {
  switch (platform) {
    case null:
      return bySql([`ALTER ROLE ${role} REPLICATION;`], 'as a superuser');
    case 'rds':
      return bySql([`GRANT rds_replication TO ${role};`], 'as a member of rds_superuser');
    default:
      return bySql([`ALTER ROLE ${role} REPLICATION;`], "as the provider's role for administrators");
  }
}
