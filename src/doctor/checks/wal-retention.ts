import { sql } from '../../sql.js';
import { changeSetting } from '../change-setting.js';
import type { Check } from '../check.js';
import { type Finding, reporter } from '../finding.js';

const report = reporter('wal-retention', ['replication']);
const LIMIT = 'max_slot_wal_keep_size';
const IDLE = 'idle_replication_slot_timeout';

/** A durable slot that nobody reads holds WAL until the disk is full, unless the server sets a limit. */
export const walRetention: Check = {
  name: 'wal-retention',
  modes: ['replication'],
  look: async ({ client, options, server, platform }) => {
    const { rows } = await client.query<{ name: string }>(sql('doctor/durable-slots.sql'));
    const durable = new Set([...rows.map(({ name }) => name), ...(options.slot ? [options.slot.name] : [])]);
    const findings: Finding[] = [];
    const limit = server.settings[LIMIT];
    if (limit?.value !== '-1') {
      findings.push(report.ok(`${LIMIT} is ${limit?.value ?? 'unknown'}`));
    } else {
      const remedy = changeSetting(platform, LIMIT, '10GB', limit, 'a part of what the disk has left');
      const message = `${LIMIT} is -1: WAL is kept without limit for a slot that nobody reads`;
      findings.push(
        durable.size > 0
          ? report.warning(`${message}, and ${[...durable].join(', ')} is durable`, remedy)
          : report.note(`${message}; temporary slots go with their connections`, remedy),
      );
    }
    // PostgreSQL 18.
    const idle = server.settings[IDLE]?.value ?? '0';
    if (idle !== '0' && durable.size > 0) {
      findings.push(
        report.note(`${IDLE} is ${idle}: a reader that is away for longer comes back through a gap`),
      );
    }
    return findings;
  },
};
