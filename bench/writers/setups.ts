import { NodeListener } from '../consumers/node-listener.js';
import type { BenchServer } from '../harness/server.js';
import { ROWS } from './pgbench.js';

/** What makes the writes of a table heard of, and who hears of them. */
export interface Setup {
  readonly name: string;
  readonly table: string;
  /** The channel or publication. */
  readonly from: string;
  install(server: BenchServer): Promise<void>;
  readonly listener: NodeListener | null;
}

export const NOBODY = 'no listener';

/**
 * The triggers of everybody are heard by the same client, which does no more than count: with another listener each,
 * it would be those that are compared, since they share the processors with the writers. The bare stream shows what of
 * the cost of replication is the server's own.
 */
export function makeSetups(): Setup[] {
  return [
    setup(NOBODY, 'plain', null, async () => {}),
    setup('pgcachewatch, replication', 'replication', ours('replication, table'), (server, table, from) =>
      server.install({ tables: [table], mode: 'replication', publication: from }),
    ),
    setup('a bare replication stream', 'stream', bare('stream and count'), (server, table, from) =>
      server.install({ tables: [table], mode: 'replication', publication: from }),
    ),
    ...(['table', 'key', 'row'] as const).map((level) =>
      setup(`pgcachewatch, triggers of level ${level}`, `level_${level}`, bare(), (server, ...at) =>
        server.install({ tables: [at[0]], mode: 'notify', channel: at[1], level }),
      ),
    ),
    setup(
      'pgcachewatch, level key, with its source',
      'source',
      ours('notify, table'),
      (server, table, from) => server.install({ tables: [table], mode: 'notify', channel: from }),
    ),
    setup('triggers of PGCacheWatch', 'python', bare(), (server, table, from) =>
      // As its `install` makes them: for each statement, and the time as that of the transaction's begin.
      notifying(
        server,
        table,
        `pg_notify('${from}', json_build_object(
           'operation', lower(TG_OP), 'table', TG_TABLE_NAME, 'sent_at', now())::text)`,
        'insert or update or delete or truncate',
        'statement',
      ),
    ),
    setup('a trigger that sends each row', 'naive', bare(), (server, table, from) =>
      notifying(server, table, `pg_notify('${from}', row_to_json(new)::text)`, 'insert or update', 'row'),
    ),
  ];
}

function setup(
  name: string,
  short: string,
  listener: ((name: string) => NodeListener) | null,
  install: (server: BenchServer, table: string, from: string) => Promise<void>,
): Setup {
  const table = `writers_${short}`;
  const from = `bench_${table}`;
  return {
    name,
    table,
    from,
    listener: listener?.(name) ?? null,
    async install(server) {
      await server.query(`create table ${table} (id int primary key, n int not null default 0)`);
      await server.query(`insert into ${table} (id) select generate_series(1, ${ROWS})`);
      await install(server, table, from);
    },
  };
}

async function notifying(
  server: BenchServer,
  table: string,
  notify: string,
  events: string,
  each: 'row' | 'statement',
): Promise<void> {
  await server.query(`
    create function notify_${table}() returns trigger language plpgsql as $$
      begin perform ${notify}; return new; end $$;
    create trigger notify after ${events} on ${table}
      for each ${each} execute function notify_${table}()`);
}

const ours = (kind: string) => (name: string) => new NodeListener(name, './pgcachewatch', kind);
const bare =
  (kind = 'listen and count') =>
  (name: string) =>
    new NodeListener(name, './bare', kind);
