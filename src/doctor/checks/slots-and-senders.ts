import type { Capabilities } from '../../sources/auto/capabilities.js';
import { changeSetting } from '../change-setting.js';
import type { Check, Examined } from '../check.js';
import { type Finding, reporter } from '../finding.js';

const report = reporter('slots-and-senders', ['replication']);

/** Each process that replicates takes one slot and one WAL sender. */
export const slotsAndSenders: Check = {
  name: 'slots-and-senders',
  modes: ['replication'],
  look: (examined) => {
    const { used_slots, max_slots, used_senders, max_senders } = examined.readings.offers;
    return [
      judge('replication slots', 'max_replication_slots', used_slots, max_slots, examined),
      judge('WAL senders', 'max_wal_senders', used_senders, max_senders, examined),
    ];
  },
};

export function freeSenders({ used_senders, max_senders }: Capabilities): number {
  return max_senders - used_senders;
}

function judge(what: string, name: string, used: number, most: number, examined: Examined): Finding {
  const { platform, server } = examined;
  const message = `${used} of ${most} ${what} are in use`;
  const free = most - used;
  if (free > 1) return report.ok(message);
  const more = String(Math.max(10, most * 2));
  const raise = changeSetting(
    platform,
    name,
    more,
    server.settings[name],
    'each process that replicates takes one',
  );
  if (free === 1) return report.warning(`${message}: the one that is left serves one process`, raise);
  return report.failure(message, raise);
}
