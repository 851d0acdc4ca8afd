import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from 'pg-logical-replication';
import type { Consumer, ConsumerModule } from '../consumers/consumer.js';
import { freeName } from '../harness/server.js';

/** With its own parser, and without acknowledging every message, which would cost it as much again. */
function streaming(): Consumer {
  let service: LogicalReplicationService | null = null;
  return {
    async open({ url, from }, heard) {
      const opened = new LogicalReplicationService(
        { connectionString: url },
        { acknowledge: { auto: false, timeoutSeconds: 0 } },
      );
      service = opened;
      opened.on('data', (_lsn, message: Pgoutput.Message) => {
        if (message.tag === 'insert' || message.tag === 'update') heard(message.new.id);
      });
      const started = new Promise<void>((resolve) => opened.on('start', () => resolve()));
      const ended = opened.subscribe(new TemporarySlot(from), '');
      ended.catch(() => {});
      await Promise.race([started, ended]);
    },
    close: async () => {
      await service?.destroy();
    },
  };
}

/** A slot that goes with the connection, as those of the others do. */
class TemporarySlot extends PgoutputPlugin {
  constructor(publication: string) {
    super({ protoVersion: 1, publicationNames: [publication] });
  }

  override async start(...[client, , lsn]: Parameters<PgoutputPlugin['start']>): Promise<unknown> {
    const slot = freeName('bench_plr');
    await client.query(`CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`);
    return super.start(client, slot, lsn || '0/0');
  }
}

export const consumers: ConsumerModule['consumers'] = { 'pg-logical-replication': streaming };
