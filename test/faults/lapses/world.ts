import { DatabaseError } from 'pg';
import {
  type CachedFunction,
  cache,
  createSource,
  row,
  type SourceOptions,
  table,
} from '../../../src/index.js';
import { commitPlan, planInstall } from '../../../src/install/index.js';
import { silentLogger } from '../../../src/logger.js';
import { recording } from '../../conformance/record.js';
import { createDatabase } from '../../support/database.js';
import { until } from '../../support/until.js';
import { INSTALLED, type RoundTrip, type Subject, TABLES, type Watching } from './round-trips.js';

const LOCK_NOT_AVAILABLE = '55P03';
/** Two catalog checks and more, on a busy machine. */
const PATIENCE_MS = 20_000;

/** A database with the tables, a live source on it, and caches of one table that hold its row. */
export interface World {
  /** The DDL and the write between, each by itself. */
  separately(trip: RoundTrip): Promise<void>;
  /** All of it in one transaction. */
  together(trip: RoundTrip): Promise<void>;
  /** The write in a transaction that ends when all else is over. `false`: the DDL waits for such a writer. */
  underAnOpenWriter(trip: RoundTrip): Promise<boolean>;
  /** Resolves when every cache says what the database says; rejects where one does not, in the end. */
  becomesRight(): Promise<void>;
  end(): Promise<void>;
}

export async function openWorld(
  of: Subject,
  watching: Watching,
  options: SourceOptions = {},
): Promise<World> {
  const database = await createDatabase();
  const [db, writer] = [await database.client(), await database.client()];
  await db.query(TABLES);
  await watch(
    watching,
    (text) => db.query(text),
    async (mode) => {
      await commitPlan(db, await planInstall(db, { tables: INSTALLED, mode }));
    },
  );
  const source = createSource({
    connection: database.url,
    mode: watching === 'triggers' ? 'notify' : 'replication',
    silenceLimitMs: 700,
    logger: { ...silentLogger },
    ...options,
  });
  const { gaps } = recording(source);
  await source.start();

  const column = of === 'moods' ? 'mood' : of === 'coded' ? 'code' : 'id';
  const key = of === 'moods' ? 'calm' : of === 'coded' ? 'a' : 1;
  const read = async (): Promise<unknown> =>
    (await db.query(`select v from ${of} where ${column} = $1`, [key])).rows[0]?.v;
  const caches: readonly CachedFunction<[], unknown>[] = [
    cache(read, { source, dependsOn: [row(of, { [column]: key })] }),
    cache(read, { source, dependsOn: [table(of)] }),
    cache(read, { source }),
  ];
  const prime = async () => {
    for (const cached of caches) await cached();
  };
  await prime();
  const areKept = () => caches.every((cached) => cached.explain().status === 'cached');
  await until(async () => areKept() || prime().then(areKept), `the caches of ${of} hold it`);

  return {
    async separately({ away, write, back }) {
      for (const text of [away, write, back]) await db.query(text);
    },
    async together({ away, write, back }) {
      await db.query(`begin; ${away}; ${write}; ${back}; commit`);
    },
    async underAnOpenWriter({ away, write, back, losesNothing = [] }) {
      await db.query(away);
      await writer.query(`begin; ${write}`);
      const { length } = gaps;
      try {
        await db.query(`set lock_timeout = '300ms'; ${back}`);
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
        await writer.query('rollback');
        await db.query(back);
        return false;
      }
      // What is cached after the gap must not outlive the writer.
      if (!losesNothing.includes(watching))
        await until(() => gaps.length > length, 'the gap of the DDL', PATIENCE_MS);
      await prime();
      await prime();
      await writer.query('commit');
      return true;
    },
    async becomesRight() {
      await source.caughtUp();
      const [expected, served] = [await read(), () => Promise.all(caches.map((cached) => cached()))];
      await until(
        async () => (await served()).every((value) => value === expected),
        `what ${of} holds`,
        PATIENCE_MS,
      );
    },
    async end() {
      await source.close();
      await database.drop();
    },
  };
}

async function watch(
  watching: Watching,
  run: (text: string) => Promise<unknown>,
  install: (mode: 'notify' | 'replication') => Promise<void>,
): Promise<void> {
  if (watching === 'triggers') return install('notify');
  if (watching === 'published by name') return install('replication');
  await run('create publication pgcachewatch for tables in schema public, s');
}
