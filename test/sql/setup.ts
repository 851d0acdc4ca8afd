import type { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { commitPlan, type InstallOptions, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type Ear, listen, saidTogether } from './heard.js';

export interface Setup {
  /** A superuser's connection, for whatever the test does. */
  readonly db: TestDatabase;
  readonly client: Client;
  readonly ear: Ear;
  /** Runs the statements and gives what was said since the last time, of the rows of a table together. */
  told(...statements: string[]): Promise<unknown[]>;
  install(tables: string | readonly string[], options?: Partial<InstallOptions>): Promise<void>;
}

/** A database for the tests of a file, with one connection that writes and one that listens. */
export function setup(): Setup {
  const parts: { db?: TestDatabase; client?: Client; ear?: Ear } = {};
  const get = <K extends keyof typeof parts>(key: K): NonNullable<(typeof parts)[K]> => {
    const part = parts[key];
    if (part === undefined || part === null) throw new Error('not set up');
    return part;
  };
  beforeAll(async () => {
    parts.db = await createDatabase();
    parts.client = await parts.db.client();
    parts.ear = await listen(await parts.db.client());
  });
  afterAll(() => parts.db?.drop());
  return {
    get db() {
      return get('db');
    },
    get client() {
      return get('client');
    },
    get ear() {
      return get('ear');
    },
    async told(...statements) {
      for (const statement of statements) await get('client').query(statement);
      return saidTogether(await get('ear').heard());
    },
    async install(tables, options = {}) {
      const names = typeof tables === 'string' ? [tables] : tables;
      await commitPlan(
        get('client'),
        await planInstall(get('client'), { tables: names, mode: 'notify', ...options }),
      );
      await get('ear').texts();
    },
  };
}
