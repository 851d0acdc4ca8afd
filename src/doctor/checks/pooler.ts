import type { Client } from 'pg';
import type { Check } from '../check.js';
import { reporter } from '../finding.js';

const report = reporter('pooler', ['notify', 'replication']);

/**
 * The server tells a new connection which process serves it (BackendKeyData, PostgreSQL documentation,
 * 54.7). A pooler tells a number of its own, for it may change the process.
 */
export const pooler: Check = {
  name: 'pooler',
  modes: ['notify', 'replication'],
  look: ({ client, server }) => {
    const told = toldProcess(client);
    if (told === server.backend_pid) return [report.ok('Nothing stands between here and the server')];
    return [
      report.note(
        'A pooler or proxy stands between here and the server: what it lets through is said below; ' +
          'a connection to the server itself is the surest',
      ),
    ];
  },
};

/** pg knows it, its types do not. */
function toldProcess(client: Client): unknown {
  return 'processID' in client ? client.processID : undefined;
}
