import { type ChangeSource, createSource, type SourceMode, type SourceOptions } from '../../src/index.js';
import { commitPlan, type InstallOptions, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from './database.js';

export const modes: readonly SourceMode[] = ['notify', 'replication'];

export interface WatchedSetup {
  /** Makes the tables. */
  readonly sql: string;
  /** Those to be watched. */
  readonly tables: readonly string[];
  /** Whether the source is to tell whole rows: triggers of level row, replica identity full. */
  readonly images?: boolean;
  readonly install?: Partial<InstallOptions>;
  readonly source?: SourceOptions;
}

/** A database of a test's own, and a live source on it. */
export interface Watched {
  readonly database: TestDatabase;
  readonly source: ChangeSource;
  /** Runs SQL on another connection, in one transaction, and waits until the source has told of it. */
  write(sql: string): Promise<void>;
  close(): Promise<void>;
}

export async function openWatched(mode: SourceMode, setup: WatchedSetup): Promise<Watched> {
  const { sql, tables, images = false } = setup;
  const database = await createDatabase();
  await database.query(sql);
  if (images && mode === 'replication') await logWholeRows(database);
  const client = await database.client();
  const level = images && mode === 'notify' ? { level: 'row' as const } : {};
  await commitPlan(client, await planInstall(client, { tables, mode, ...level, ...setup.install }));
  const source = createSource({ connection: database.url, mode, ...setup.source });
  await source.start();
  return {
    database,
    source,
    async write(text) {
      await database.query(text);
      await source.caughtUp();
    },
    async close() {
      await source.close();
      await database.drop();
    },
  };
}

/** Of every table of the schema `public` that has rows of its own. */
async function logWholeRows(database: TestDatabase): Promise<void> {
  await database.query(`do $$ declare t regclass; begin
    for t in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
      execute format('alter table %s replica identity full', t);
    end loop; end $$`);
}
