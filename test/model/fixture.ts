import type { Client } from 'pg';
import { type ChangeSource, createSource, type SourceMode } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase } from '../support/database.js';
import { startProxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import type { Interruption } from './commands.js';
import { INITIAL_SQL, SCHEMA_SQL } from './shop-state.js';

const SILENCE_MS = 400;
const IS_WAITING = `exists (select from pg_stat_activity
  where datname = current_database() and wait_event = 'SyncRep')`;
/** To every session of this database that reads the WAL. */
const IS_SENT = `not exists (select from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid
  where s.database = current_database() and r.sent_lsn < pg_current_wal_flush_lsn())`;

/** A database, and a source that hears of it by way of a proxy. */
export interface Fixture {
  readonly writer: Client;
  readonly reader: Client;
  /** A live source, and the tables as they are in the beginning. */
  begin(): Promise<ChangeSource>;
  /** Does something to the connection of the source, and waits until that has noticed. */
  interrupt(source: ChangeSource, how: Interruption): Promise<void>;
  /**
   * Runs something while a commit of the writer's is in the WAL, and was sent to whoever reads that, and is
   * not visible.
   */
  whileInvisible(commit: () => Promise<unknown>, run: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function createFixture(mode: SourceMode, serverUrl?: string): Promise<Fixture> {
  const database = await createDatabase(serverUrl);
  await database.query(SCHEMA_SQL);
  const writer = await database.client();
  for (const [table, level] of [
    ['orders', 'row'],
    ['stock', 'key'],
  ] as const) {
    const options = mode === 'notify' ? { tables: [table], mode, level } : { tables: [table], mode };
    await commitPlan(writer, await planInstall(writer, options));
  }
  await writer.query('alter table orders replica identity full');
  const proxy = await startProxy(database.url);
  let current: ChangeSource | undefined;
  let wasInterrupted = false;

  return {
    writer,
    reader: await database.client(),
    async begin() {
      await writer.query(INITIAL_SQL);
      // One that was interrupted often waits long until it tries again.
      if (wasInterrupted) await current?.close();
      if (wasInterrupted || current === undefined) {
        current = createSource({ mode, connection: proxy.url, silenceLimitMs: SILENCE_MS });
        current.on('state', (state) => {
          if (state === 'interrupted') wasInterrupted = true;
        });
        await current.start();
        wasInterrupted = false;
      }
      await current.caughtUp();
      return current;
    },
    async interrupt(source, how) {
      if (source.state !== 'live') return;
      if (how === 'cut') proxy.cut();
      else if (how === 'silence') proxy.silence();
      else {
        await database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name like 'pgcachewatch%'`,
        );
      }
      await until(() => source.state !== 'live', 'the source to notice');
      proxy.restore();
    },
    async whileInvisible(commit, run) {
      await writer.query('set synchronous_commit = on');
      const committed = commit();
      await until(
        async () => (await database.query(`select ${IS_WAITING} and ${IS_SENT} as ready`)).rows[0].ready,
        'the commit to wait, and to be sent',
      );
      await run();
      await database.query(
        `select pg_cancel_backend(pid) from pg_stat_activity
         where datname = current_database() and wait_event = 'SyncRep'`,
      );
      await committed;
      await writer.query('set synchronous_commit = local');
    },
    async close() {
      await current?.close();
      await proxy.close();
      await database.drop();
    },
  };
}
