import { changeSetting } from '../change-setting.js';
import type { Check } from '../check.js';
import { reporter } from '../finding.js';

const report = reporter('wal-level', ['replication']);

export const walLevel: Check = {
  name: 'wal-level',
  modes: ['replication'],
  look: ({ readings: { offers }, server, platform }) =>
    offers.wal_level === 'logical'
      ? [report.ok('wal_level is logical')]
      : [
          report.failure(
            `wal_level is ${offers.wal_level}: the WAL does not hold what logical decoding needs`,
            changeSetting(platform, 'wal_level', 'logical', server.settings.wal_level),
          ),
        ],
};
