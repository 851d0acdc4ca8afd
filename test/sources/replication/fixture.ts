import { type ChangeSource, createSource, type SourceOptions } from '../../../src/index.js';
import { type Recorded, recording } from '../../conformance/record.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { publish } from '../../support/publish.js';

/** A database with published tables, and the sources that a test opens on it. */
export interface Fixture {
  readonly database: TestDatabase;
  /** A name for a durable slot that no other test uses. */
  readonly slot: string;
  /** Runs the SQL, then publishes the tables. */
  publish(sql: string, ...tables: string[]): Promise<void>;
  /** A source that is not started; `end` closes it. */
  make(options?: SourceOptions): Recorded;
  open(options?: SourceOptions): Promise<Recorded>;
  /** The same on the durable slot. */
  openDurable(options?: SourceOptions): Promise<Recorded>;
  /** Ends the source's connections, of both kinds or of one, from the server's side. */
  kill(kind?: 'replication' | 'gate'): Promise<void>;
  end(): Promise<void>;
}

export async function createFixture(serverUrl?: string): Promise<Fixture> {
  const database = await createDatabase(serverUrl);
  const slot = `slot_of_${database.name}`;
  const opened: Recorded[] = [];
  const make = (options: SourceOptions = {}): Recorded => {
    const recorded = recording(createSource({ mode: 'replication', connection: database.url, ...options }));
    opened.push(recorded);
    return recorded;
  };
  const open = async (options?: SourceOptions): Promise<Recorded> => {
    const recorded = make(options);
    await recorded.source.start();
    return recorded;
  };
  return {
    database,
    slot,
    async publish(sql, ...tables) {
      await database.query(sql);
      await publish(database, tables);
    },
    make,
    open,
    openDurable: (options) =>
      open({ ...options, replication: { slot: { name: slot }, ...options?.replication } }),
    async kill(kind) {
      const { rows } = await database.query(
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and application_name like $1`,
        [`pgcachewatch ${kind ?? '%'}`],
      );
      if (rows.length === 0) throw new Error('there was nothing to kill');
    },
    async end() {
      await Promise.all(opened.map(({ source }) => source.close()));
      await database.drop();
    },
  };
}

/** Resolves when the source next enters the state. */
export function nextState(source: ChangeSource, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    const off = source.on('state', (state) => {
      if (state !== wanted) return;
      off();
      resolve();
    });
  });
}

/** Resolves to the next error that the source tells of, with this code. */
export function nextError(source: ChangeSource, code: string): Promise<Error> {
  return new Promise((resolve) => {
    const off = source.on('error', (error) => {
      if (!('code' in error) || error.code !== code) return;
      off();
      resolve(error);
    });
  });
}

/** How many connections of a source the server has to the database. */
export async function connections(database: TestDatabase): Promise<number> {
  const { rows } = await database.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and application_name like 'pgcachewatch%'`,
  );
  return rows[0].n;
}

/** The slots that belong to the database. */
export async function slots(database: TestDatabase): Promise<string[]> {
  const { rows } = await database.query(
    'select slot_name::text from pg_replication_slots where database = current_database()',
  );
  return rows.map((row) => row.slot_name);
}
