import { sql } from '../../sql.js';
import type { Check } from '../check.js';
import { reporter } from '../finding.js';
import { inWords } from '../remedy.js';

interface Subscribed {
  readonly oid: number;
  readonly subscription: string;
  readonly enabled: boolean;
}

const report = reporter('subscriptions', ['notify']);

/** The apply worker of a subscription fires no statement trigger. */
export const subscriptions: Check = {
  name: 'subscriptions',
  modes: ['notify'],
  look: async ({ client, subject }) => {
    const members = subject.trees.filter((tree) => tree.notify).flatMap((tree) => tree.members);
    const oids = members.map(({ oid }) => oid);
    const { rows } = await client.query<Subscribed>(sql('doctor/subscriptions.sql'), [oids]);
    return rows.map(({ oid, subscription, enabled }) => {
      const name = members.find((member) => member.oid === oid)?.name ?? String(oid);
      const written = `${name} is written to by subscription ${subscription}`;
      return enabled
        ? report.failure(
            `${written}, whose changes fire no statement trigger: they are told to nobody`,
            inWords('Use mode replication, which hears of them.'),
          )
        : report.note(`${written}, which is disabled: enabled, its changes would be told to nobody`);
    });
  },
};
