import type { Check, Examined } from '../check.js';
import { reporter } from '../finding.js';

const report = reporter('pooler', ['notify', 'replication']);

export const pooler: Check = {
  name: 'pooler',
  modes: ['notify', 'replication'],
  look: (examined) => {
    if (isDirect(examined)) return [report.ok('Nothing stands between here and the server')];
    return [
      report.note(
        'A pooler or proxy stands between here and the server: what it lets through is said below; ' +
          'a connection to the server itself is the surest',
      ),
    ];
  },
};

/**
 * Whether the connection goes to the server itself. That tells a new connection which process serves it
 * (BackendKeyData, PostgreSQL documentation, 54.7); a pooler tells a number of its own, for it may change
 * the process.
 */
export function isDirect({ client, server }: Pick<Examined, 'client' | 'server'>): boolean {
  // pg knows it, its types do not.
  return 'processID' in client && client.processID === server.backend_pid;
}
