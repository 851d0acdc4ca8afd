import { asError } from '../../errors.js';
import { classifyError } from '../../sources/classify-error.js';
import { connectForReplication, disconnect } from '../../sources/connection.js';
import type { Check, Examined } from '../check.js';
import { type Remedy, reporter } from '../finding.js';
import { inWords } from '../remedy.js';
import { grantReplication } from './replication-right.js';
import { freeSenders } from './slots-and-senders.js';

const report = reporter('replication-connection', ['replication']);
const TOO_MANY_CONNECTIONS = '53300';
const INSUFFICIENT_PRIVILEGE = '42501';

/** Whether the server takes a connection that replicates: the last word on rights, poolers and proxies. */
export const replicationConnection: Check = {
  name: 'replication-connection',
  modes: ['replication'],
  look: async (examined) => {
    const { offers } = examined.readings;
    // What is known to fail for a reason that is told already.
    if (!offers.may_replicate || freeSenders(offers) < 1) return [];
    try {
      const client = await connectForReplication(examined.options.connection, 'pgcachewatch doctor');
      try {
        // A replication command (PostgreSQL documentation, 54.4): without it, a pooler may only seem to agree.
        await client.query('IDENTIFY_SYSTEM');
      } finally {
        await disconnect(client);
      }
      return [report.ok('The server takes connections that replicate')];
    } catch (error) {
      const { error: classified, mayMend } = classifyError(error);
      return [
        report.failure(
          `A connection that replicates is not to be had: ${classified.message}`,
          remedy(error, examined),
          !mayMend,
        ),
      ];
    }
  },
};

function remedy(error: unknown, examined: Examined): Remedy {
  const cause = asError(error);
  const code = 'code' in cause ? cause.code : undefined;
  if (code === TOO_MANY_CONNECTIONS) {
    return inWords('Let other connections end, or raise max_wal_senders and max_connections.');
  }
  if (code === INSUFFICIENT_PRIVILEGE) return grantReplication(examined);
  return inWords(
    'Connect to the server itself: PgBouncer passes replication on from 1.23. ' +
      'If it is the server that refuses, its pg_hba.conf has to admit this role to this database.',
  );
}
