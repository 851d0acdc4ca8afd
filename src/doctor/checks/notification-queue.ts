import { sql } from '../../sql.js';
import type { Check } from '../check.js';
import { type Finding, reporter } from '../finding.js';
import { bySql, inWords } from '../remedy.js';

interface Queue {
  /** From 0 to 1. */
  readonly usage: number;
  readonly pid: number | null;
  readonly state: string | null;
  readonly application: string | null;
}

const report = reporter('notification-queue', ['notify']);

/** A queue that is emptied in time is all but empty; a full one makes everybody's commits fail. */
const MUCH = 0.1;

export const notificationQueue: Check = {
  name: 'notification-queue',
  modes: ['notify'],
  look: async ({ client, server }) => {
    if (server.standby) return [];
    const { rows } = await client.query<Queue>(sql('doctor/notification-queue.sql'));
    return rows.map(judgeQueue);
  },
};

export function judgeQueue({ usage, pid, state, application }: Queue): Finding {
  const message = `The queue of notifications is ${Math.round(usage * 100)} % full`;
  if (usage < MUCH) return report.ok(message);
  return report.warning(
    `${message}: a listener does not take them, and at 100 % every commit that notifies fails`,
    pid === null
      ? inWords(
          "Find the listener that does not read: the server's log names its process when the queue is half full.",
        )
      : bySql(
          [`SELECT pg_terminate_backend(${pid});`],
          `the oldest open transaction, which is the likeliest to hold it: ${state}, application ${JSON.stringify(application ?? '')}`,
        ),
  );
}
