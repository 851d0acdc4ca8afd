import { isDirect as connectsDirectly } from '../../sources/is-direct.js';
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

/** Whether the doctor's own connection goes to the server itself. */
export function isDirect({ client, server }: Pick<Examined, 'client' | 'server'>): boolean {
  return connectsDirectly(client, server.backend_pid);
}
