import type { Client } from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  commitPlan,
  type InstallOptions,
  type Plan,
  planInstall,
  planUninstall,
  type UninstallOptions,
} from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { fingerprint } from './catalog.js';

export interface Setup {
  readonly db: TestDatabase;
  readonly client: Client;
  readonly version: number;
  plan(tables: readonly string[], options?: Partial<InstallOptions>): Promise<Plan>;
  install(tables: readonly string[], options?: Partial<InstallOptions>): Promise<Plan>;
  uninstall(options?: UninstallOptions): Promise<Plan>;
  /** The catalog as far as an installation can alter it. */
  catalog(): Promise<readonly string[]>;
  /** What the publication names: `table` or `table(columns)`. */
  published(publication?: string): Promise<string[]>;
  /** That INSERT, UPDATE and DELETE on the table are allowed; the row is given as SQL. */
  expectWritable(table: string, row: string): Promise<void>;
}

/** A database for the tests of a file. The plans are of `mode: 'replication'`. */
export function setup(): Setup {
  const parts: { db?: TestDatabase; client?: Client; version?: number } = {};
  const got = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('not set up');
    return part;
  };
  const client = () => got(parts.client);
  beforeAll(async () => {
    parts.db = await createDatabase();
    parts.client = await parts.db.client();
    const { rows } = await parts.db.query("select current_setting('server_version_num')::int as version");
    parts.version = rows[0].version;
  });
  afterAll(() => parts.db?.drop());

  const plan: Setup['plan'] = (tables, options = {}) =>
    planInstall(client(), { tables, mode: 'replication', ...options });
  return {
    get db() {
      return got(parts.db);
    },
    get client() {
      return client();
    },
    get version() {
      return got(parts.version);
    },
    plan,
    async install(tables, options) {
      const made = await plan(tables, options);
      await commitPlan(client(), made);
      return made;
    },
    async uninstall(options) {
      const made = await planUninstall(client(), options);
      await commitPlan(client(), made);
      return made;
    },
    catalog: () => fingerprint(got(parts.db)),
    async published(publication = 'pgcachewatch') {
      const { rows } = await got(parts.db).query(
        `select r.prrelid::regclass || coalesce('(' || (
            select string_agg(attname, ',' order by attnum) from pg_attribute
            where attrelid = r.prrelid
              and attnum in (select k::int from jsonb_array_elements_text(nullif(to_jsonb(r) -> 'prattrs', 'null')) k)
          ) || ')', '') as entry
        from pg_publication_rel r join pg_publication p on p.oid = r.prpubid where pubname = $1 order by 1`,
        [publication],
      );
      return rows.map(({ entry }) => entry);
    },
    async expectWritable(table, row) {
      const writer = client();
      await writer.query('begin');
      try {
        await writer.query(`insert into ${table} values ${row}`);
        const { rows } = await writer.query(
          `select format('%1$I = %1$I', attname) as change from pg_attribute
           where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' limit 1`,
          [table],
        );
        await writer.query(`update ${table} set ${rows[0].change}`);
        expect((await writer.query(`delete from ${table}`)).rowCount).toBeGreaterThan(0);
      } finally {
        await writer.query('rollback');
      }
    },
  };
}
