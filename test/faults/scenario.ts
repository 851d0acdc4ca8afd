import { Client, Pool, type QueryResult } from 'pg';
import { expect } from 'vitest';
import {
  type CachedFunction,
  cache,
  createSource,
  PgCacheWatchError,
  row,
  type SourceMode,
  type SourceOptions,
  table,
} from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { type Recorded, recording } from '../conformance/record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

/** The sources that a scenario is played to. */
export type Kind = 'notify' | 'replication, temporary slot' | 'replication, durable slot' | 'auto';

export const KINDS: readonly Kind[] = [
  'notify',
  'replication, temporary slot',
  'replication, durable slot',
  'auto',
];
export const REPLICATION_KINDS = KINDS.filter((kind) => kind !== 'notify');

/** What the tables hold at first. */
export const TABLES = `
  create table t (id int primary key, x int);
  insert into t select i, 0 from generate_series(1, 3) i;
  create table u (id int primary key, x int);
  insert into u values (1, 0)`;

export function modeOf(kind: Kind): SourceMode | 'auto' {
  return kind === 'notify' || kind === 'auto' ? kind : 'replication';
}

/** A database with the tables t and u, a live source on it, caches of t, and what is heard of both. */
export interface Scenario extends Recorded {
  readonly kind: Kind;
  readonly database: TestDatabase;
  /** The durable slot's name. */
  readonly slot: string;
  readonly isDurable: boolean;
  /** What column x of t says, by id: a row dependency. */
  readonly x: CachedFunction<[id: number], number | null>;
  /** The sum of x over t: a table dependency. */
  readonly sum: CachedFunction<[], number>;
  /** The same, of a cache that does not say what it depends on. */
  readonly anySum: CachedFunction<[], number>;
  /** The ids inserted into t that the source has told of, one by one. */
  readonly heardIds: Set<unknown>;
  /** Runs SQL past the source's connection, on whichever connection works. */
  query(text: string, values?: unknown[]): Promise<QueryResult>;
  /** Installs what the source's kind needs. */
  install(...tables: string[]): Promise<void>;
  /** Ends all connections of the source, from the server's side. */
  kill(): Promise<void>;
  /** The same, and resolves when the source is live again. */
  restart(): Promise<void>;
  /** Resolves when it enters the state, if it is not in it. */
  becomes(state: string, withinMs?: number): Promise<void>;
  /** Resolves when it has told of so many gaps. */
  gapsReach(count: number, withinMs?: number): Promise<void>;
  /** Resolves to an error of that code that it has told of, with its remedy. */
  says(code: string, withinMs?: number): Promise<PgCacheWatchError>;
  /** Not live: every read is the database's. */
  expectNothingKept(): Promise<void>;
  /** Live: the caches say what the database says, before a change and after it, and they keep it. */
  expectCachesRight(): Promise<void>;
  /** Closes the source; nothing of it is left on the server. */
  end(): Promise<void>;
}

export interface ScenarioOptions {
  /** Default: the server that all tests share. */
  readonly serverUrl?: string;
  /** What the source connects with, from the database's own URL. */
  readonly connection?: (url: string) => SourceOptions['connection'];
  readonly source?: SourceOptions;
  /** Run before anything is installed. */
  readonly sql?: string;
  /** Whether `start` is left to the test. */
  readonly isStarted?: boolean;
}

/** How soon the catalog is looked at again, and a silent peer is given up. */
export const SILENCE_LIMIT_MS = 600;

export async function openScenario(kind: Kind, options: ScenarioOptions = {}): Promise<Scenario> {
  const database = await createDatabase(options.serverUrl);
  const pool = new Pool({ connectionString: database.url, max: 3 });
  pool.on('error', () => {});
  const query = async (text: string, values?: unknown[]) => pool.query(text, values);
  await query(`${options.sql ?? ''}; ${TABLES}`);
  const slot = `slot_of_${database.name}`;
  const isDurable = kind === 'replication, durable slot';
  const install = (...tables: string[]) => installOn(database.url, kind, tables);
  await install('t', 'u');
  const source = createSource({
    mode: modeOf(kind),
    connection: options.connection?.(database.url) ?? database.url,
    silenceLimitMs: SILENCE_LIMIT_MS,
    ...(isDurable && { replication: { slot: { name: slot } } }),
    ...options.source,
  });
  const recorded = recording(source);
  const heardIds = new Set<unknown>();
  source.on('change', ({ operation, table, key }) => {
    if (operation === 'insert' && table === 't' && key) heardIds.add(key.id);
  });

  const readX = async (id: number): Promise<number | null> =>
    (await query('select x from t where id = $1', [id])).rows[0]?.x ?? null;
  const readSum = async (): Promise<number> =>
    (await query('select coalesce(sum(x), 0)::int as sum from t')).rows[0].sum;
  const x = cache((id: number) => readX(id), { source, dependsOn: (id) => [row('t', { id })], name: 'x' });
  const sum = cache(() => readSum(), { source, dependsOn: () => [table('t')], name: 'sum' });
  const anySum = cache(() => readSum(), { source, name: 'anySum' });
  let written = 0;

  const expectAgreement = async () => {
    expect({ x: await x(1), sum: await sum(), anySum: await anySum() }).toEqual({
      x: await readX(1),
      sum: await readSum(),
      anySum: await readSum(),
    });
  };
  const scenario: Scenario = {
    ...recorded,
    kind,
    database,
    slot,
    isDurable,
    x,
    sum,
    anySum,
    heardIds,
    query,
    install,
    async kill() {
      await query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and application_name like 'pgcachewatch%'`,
      );
    },
    async restart() {
      const { length } = recorded.states;
      await scenario.kill();
      const again = () => recorded.states.slice(length).includes('interrupted') && source.state === 'live';
      await until(again, 'live again');
    },
    becomes: (state, withinMs) =>
      until(() => source.state === state, `state ${state}`, withinMs).then(() => {}),
    gapsReach: (count, withinMs) =>
      until(() => recorded.gaps.length >= count, `${count} gaps`, withinMs).then(() => {}),
    async says(code, withinMs) {
      const told = () =>
        recorded.errors.find((error) => error instanceof PgCacheWatchError && error.code === code);
      const error = await until(told, `an error ${code}`, withinMs);
      if (error instanceof PgCacheWatchError) return error;
      throw error;
    },
    async expectNothingKept() {
      expect(source.state).not.toBe('live');
      for (let i = 0; i < 2; i++) {
        await query('update t set x = $1', [++written]);
        expect([await x(1), await sum(), await anySum()]).toEqual([
          written,
          await readSum(),
          await readSum(),
        ]);
      }
    },
    async expectCachesRight() {
      await source.caughtUp();
      expect(source.state).toBe('live');
      await expectAgreement();
      for (let i = 0; i < 2; i++) {
        await query('update t set x = $1', [++written]);
        await source.caughtUp();
        await expectAgreement();
      }
      const loads =
        x.statistics.misses + x.statistics.bypasses + sum.statistics.misses + sum.statistics.bypasses;
      await expectAgreement();
      expect(
        x.statistics.misses + x.statistics.bypasses + sum.statistics.misses + sum.statistics.bypasses,
        'a value is kept',
      ).toBe(loads);
    },
    async end() {
      await source.close();
      try {
        await expectNothingLeft(database, slot);
      } finally {
        await pool.end();
        await database.drop();
      }
    },
  };
  try {
    if (options.isStarted ?? true) await source.start();
    return scenario;
  } catch (error) {
    await scenario.end();
    throw error;
  }
}

async function installOn(url: string, kind: Kind, tables: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const mode = kind === 'notify' ? 'notify' : kind === 'auto' ? 'both' : 'replication';
    await commitPlan(client, await planInstall(client, { tables: [...tables], mode }));
  } finally {
    await client.end();
  }
}

/** No connection, and no slot but the durable one. */
async function expectNothingLeft(database: TestDatabase, slot: string): Promise<void> {
  const client = await database.client();
  const left = async () => {
    const { rows } = await client.query(
      `select application_name as name from pg_stat_activity
       where datname = current_database() and application_name like 'pgcachewatch%'
       union all
       select slot_name from pg_replication_slots where database = current_database() and slot_name <> $1`,
      [slot],
    );
    return rows.map(({ name }) => name);
  };
  await until(async () => (await left()).length === 0, 'nothing to be left on the server').catch(
    async (error) => {
      throw new Error(`${error.message}: ${(await left()).join(', ')}`);
    },
  );
}
