import { commitPlan, planInstall } from '../../src/install/index.js';
import { describeConformance } from './describe-conformance.js';

describeConformance({
  name: 'notify',
  options: { mode: 'notify' },
  async install(database, tables) {
    const client = await database.client();
    await commitPlan(client, await planInstall(client, { tables: [...tables], mode: 'notify' }));
  },
});
