import { commitPlan, planInstall } from '../../src/install/index.js';
import { describeConformance } from './describe-conformance.js';

describeConformance({
  name: 'replication with a durable slot',
  options: { mode: 'replication' },
  // Slots belong to the whole server, and the tests share one.
  optionsFor: ({ name }) => ({ replication: { slot: { name: `slot_of_${name}` } } }),
  resumes: true,
  async install(database, tables) {
    const client = await database.client();
    await commitPlan(
      client,
      await planInstall(client, { tables, mode: 'replication', replicaIdentity: 'full' }),
    );
  },
});
