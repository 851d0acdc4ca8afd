import { describeConformance } from './describe-conformance.js';

describeConformance({
  name: 'replication',
  options: { mode: 'replication' },
  async install(database, tables) {
    await database.query(`create publication pgcachewatch for table ${tables.join(', ')}`);
  },
});
