import type { Check } from '../check.js';
import { type Finding, reporter } from '../finding.js';
import { inWords } from '../remedy.js';

/** The oldest version that there are tests for. */
export const OLDEST_VERSION = 140_000;

const report = reporter('server-version', ['notify', 'replication']);

export const serverVersion: Check = {
  name: 'server-version',
  modes: ['notify', 'replication'],
  look: ({ server }) => [judgeVersion(server.version, server.version_name)],
};

/** @param version `server_version_num` */
export function judgeVersion(version: number, name: string): Finding {
  if (version >= OLDEST_VERSION) return report.ok(`PostgreSQL ${name}`);
  return report.failure(
    `PostgreSQL ${name} is older than 14`,
    inWords('Upgrade the server to PostgreSQL 14 or later.'),
  );
}
