import pg from 'pg';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { freeName } from '../harness/server.js';
import type { Consumer, ConsumerModule, Heard } from './consumer.js';
import { hearNotification } from './notification.js';

/** A connection that listens, and reads what it gets: which rows, or only how many. */
function listening(tells: 'rows' | 'count'): Consumer {
  let client: pg.Client | null = null;
  return {
    async open({ url, from }, heard) {
      client = new pg.Client({ connectionString: url });
      const hear: Heard = tells === 'rows' ? heard : () => heard(null);
      client.on('notification', ({ payload = '' }) => hearNotification(JSON.parse(payload), hear));
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(from)}`);
    },
    close: async () => client?.end(),
  };
}

/** A replication stream of which the key is read and nothing else, at once, whether it can be seen or not. */
function streaming(tells: 'rows' | 'count'): Consumer {
  let service: LogicalReplicationService | null = null;
  return {
    async open({ url, from }, heard) {
      const opened = new LogicalReplicationService(
        { connectionString: url },
        { acknowledge: { auto: false, timeoutSeconds: 0 } },
      );
      service = opened;
      const started = new Promise<void>((resolve) => opened.on('start', () => resolve()));
      const hear: Heard = tells === 'rows' ? heard : () => heard(null);
      const ended = opened.subscribe(new BarePlugin(from, hear), '');
      ended.catch(() => {});
      await Promise.race([started, ended]);
    },
    close: async () => {
      await service?.destroy();
    },
  };
}

const INSERT = 'I'.charCodeAt(0);
const UPDATE = 'U'.charCodeAt(0);
/** Of an Insert or Update message: its kind, the relation (4 bytes), what follows, how many columns (2 bytes). */
const FIRST_COLUMN = 8;

class BarePlugin extends PgoutputPlugin {
  readonly #heard: Heard;

  constructor(publication: string, heard: Heard) {
    super({ protoVersion: 1, publicationNames: [publication] });
    this.#heard = heard;
  }

  override parse(buffer: Buffer): ReturnType<PgoutputPlugin['parse']> {
    const kind = buffer[0];
    if (kind === INSERT || kind === UPDATE) {
      // The first column, in text: 't', its length (4 bytes), its text.
      const length = buffer.readInt32BE(FIRST_COLUMN + 1);
      const start = FIRST_COLUMN + 5;
      this.#heard(Number(buffer.toString('latin1', start, start + length)));
    }
    return { tag: 'begin', commitLsn: null, commitTime: 0n, xid: 0 };
  }

  override async start(...[client, , lsn]: Parameters<PgoutputPlugin['start']>): Promise<unknown> {
    const slot = freeName('bench_bare');
    await client.query(`CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
    return super.start(client, slot, lsn || '0/0');
  }
}

export const consumers: ConsumerModule['consumers'] = {
  listen: () => listening('rows'),
  'listen and count': () => listening('count'),
  stream: () => streaming('rows'),
  'stream and count': () => streaming('count'),
};
