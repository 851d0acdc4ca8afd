import { describe, expect, test } from 'vitest';
import { cache, type Logger, row } from '../../src/index.js';
import { createDatabase } from '../support/database.js';
import { modes, openWatched, type Watched, type WatchedSetup } from '../support/open-watched.js';

const serverVersion = async (): Promise<number> => {
  const database = await createDatabase();
  try {
    const { rows } = await database.query(`select current_setting('server_version_num')::int as version`);
    return rows[0].version;
  } finally {
    await database.drop();
  }
};

/** A source on the table t, of whose columns some are generated, and the columns that its caches have warned of. */
async function open(mode: (typeof modes)[number], setup: Partial<WatchedSetup>, columns: string) {
  const warned = new Map<string, string>();
  const warn = (detail: object, message: string) => {
    const column = /by "(\w+)"/.exec(message)?.[1];
    if (column && 'remedy' in detail) warned.set(column, String(detail.remedy));
  };
  const nothing = () => {};
  const logger: Logger = { debug: nothing, info: nothing, warn, error: nothing };
  const watched = await openWatched(mode, {
    sql: `create table t (${columns}); insert into t (id, n) values (1, 1), (2, 2), (3, 3)`,
    tables: ['t'],
    source: { logger },
    ...setup,
  });
  return { watched, warned };
}

/** Which of the columns do not tell the row 1 from the row 2: an update of the one drops what depends on the other. */
async function undistinguished({ source, write }: Watched, columns: readonly string[]): Promise<string[]> {
  const times: Readonly<Record<string, number>> = { twice: 2, thrice: 3 };
  const cached = cache(async (column: string, of: number) => `${column} ${of}`, {
    source,
    dependsOn: (column, of) => [row('t', { [column]: of * (times[column] ?? 1) })],
  });
  const all = columns.flatMap((column) => [1, 2].map((of): [string, number] => [column, of]));
  for (const [column, of] of all) await cached(column, of);
  await write('update t set note = note + 1 where id = 1');
  expect(
    columns.filter((column) => cached.peek(column, 1) !== undefined),
    'what has changed is kept',
  ).toEqual([]);
  const dropped = columns.filter((column) => cached.peek(column, 2) === undefined);
  cached.close();
  return dropped;
}

const PLAIN = 'id int primary key, n int, note int default 0';
const STORED = `${PLAIN}, twice int generated always as (n * 2) stored`;

describe.each(modes)('generated columns, over %s', (mode) => {
  test.each([
    ['the key', false],
    ['whole rows', true],
  ] as const)('that not every change carries widen with a warning, and with a remedy that can be followed: %s', async (_, images) => {
    const hasVirtual = (await serverVersion()) >= 180_000 && !(mode === 'replication' && images);
    const columns = hasVirtual ? `${STORED}, thrice int generated always as (n * 3) virtual` : STORED;
    const names = ['id', 'n', 'twice', ...(hasVirtual ? ['thrice'] : [])];
    const { watched, warned } = await open(mode, { images }, columns);
    try {
      const widened = await undistinguished(watched, names);
      expect([...warned.keys()].sort()).toEqual(widened.sort());
      expect(widened).not.toContain('id');
      if (hasVirtual)
        expect(warned.get('thrice')).toContain('depend on the columns that it is computed from');
      if (mode === 'notify' && images) expect(widened).toEqual(hasVirtual ? ['thrice'] : []);
      if (mode === 'replication' && warned.has('twice'))
        expect(warned.get('twice')).toContain('it is computed from');
    } finally {
      await watched.close();
    }
  });

  test('in the key leave nothing untold without a warning', async () => {
    const columns = `id int, n int, note int default 0, twice int generated always as (n * 2) stored, primary key (id, twice)`;
    const { watched, warned } = await open(mode, {}, columns);
    try {
      const widened = await undistinguished(watched, ['id', 'n', 'twice']);
      expect([...warned.keys()].sort()).toEqual(widened.sort());
    } finally {
      await watched.close();
    }
  });
});

test('a partition that logs another key than its root widens with a warning', async () => {
  const columns = `id int not null, n int not null, note int default 0, primary key (id)) partition by range (id);
    create table t_1 partition of t for values from (0) to (3); create table t_2 partition of t for values from (3) to (9);
    create unique index other on t_1 (n); alter table t_1 replica identity using index other; create table unused (x int`;
  const { watched, warned } = await open('replication', {}, columns);
  try {
    expect(await undistinguished(watched, ['id', 'n'])).toEqual(['id', 'n']);
    expect([...warned.keys()].sort()).toEqual(['id', 'n']);
  } finally {
    await watched.close();
  }
});
