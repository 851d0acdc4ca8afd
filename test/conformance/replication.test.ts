import { commitPlan, planInstall } from '../../src/install/index.js';
import { describeConformance } from './describe-conformance.js';

describeConformance({
  name: 'replication',
  options: { mode: 'replication' },
  async install(database, tables) {
    const client = await database.client();
    await commitPlan(
      client,
      await planInstall(client, { tables, mode: 'replication', replicaIdentity: 'full' }),
    );
  },
});
