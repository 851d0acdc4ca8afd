import { commitPlan, planInstall } from '../../src/install/index.js';
import { describeConformance } from './describe-conformance.js';

describeConformance({
  name: 'auto',
  options: { mode: 'auto' },
  async install(database, tables) {
    const client = await database.client();
    await commitPlan(client, await planInstall(client, { tables: [...tables], mode: 'notify' }));
    const { rows } = await database.query(`select from pg_publication where pubname = 'pgcachewatch'`);
    const change =
      rows.length === 0
        ? 'create publication pgcachewatch for table'
        : 'alter publication pgcachewatch add table';
    await database.query(`${change} ${tables.join(', ')}`);
  },
});
