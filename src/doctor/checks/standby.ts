import type { Check } from '../check.js';
import { reporter } from '../finding.js';
import { inWords } from '../remedy.js';

const report = reporter('standby', ['notify', 'replication']);

/** A standby refuses LISTEN, and the messages to oneself that the replication source goes by. */
export const standby: Check = {
  name: 'standby',
  modes: ['notify', 'replication'],
  look: ({ server }) =>
    server.standby
      ? [
          report.failure(
            'This is a standby: neither LISTEN nor the marks that replication sets in the WAL are possible here',
            inWords('Connect to the primary. Queries can go to the standby, and may be behind it there.'),
          ),
        ]
      : [report.ok('This is a primary')],
};
