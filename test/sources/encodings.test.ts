import { afterEach, describe, expect, test, vi } from 'vitest';
import { cache, createSource, row, table } from '../../src/index.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { type Recorded, recording } from '../conformance/record.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

vi.mock('../../src/sources/backoff.js', () => ({ backoffMs: () => 20 }));

type Kind = 'notify' | 'replication, temporary slot' | 'replication, durable slot';
const KINDS: readonly Kind[] = ['notify', 'replication, temporary slot', 'replication, durable slot'];

/** A byte that is not UTF-8 where it is stored as it is, one that UTF-8 has no character for, and one that it has. */
const ENCODINGS = [
  ['SQL_ASCII', '\\xe9'],
  ['WIN1252', '\\x81'],
  ['LATIN1', '\\xe9'],
] as const;

let database: TestDatabase | undefined;
let opened: Recorded | undefined;
afterEach(async () => {
  await opened?.source.close();
  await database?.drop();
  opened = database = undefined;
});

interface Setup {
  readonly kind: Kind;
  readonly encoding: string;
  readonly sql: string;
  readonly level: 'key' | 'row';
}

/** A live source on a database that has the table t, and a connection to write with. */
async function open({ kind, encoding, sql, level }: Setup) {
  database = await createDatabase(undefined, encoding);
  const { url, name } = database;
  const client = await database.client();
  // What the tests look at is ASCII, and names are read as they are.
  await client.query(`set client_encoding = '${encoding}'`);
  await client.query(sql);
  if (kind === 'notify') {
    await commitPlan(client, await planInstall(client, { tables: ['t'], mode: 'notify', level }));
  } else {
    if (level === 'row') await client.query('alter table t replica identity full');
    await client.query('create publication pgcachewatch for all tables');
  }
  const slot = { replication: { slot: { name: `slot_of_${name}` } } };
  opened = recording(
    createSource({
      mode: kind === 'notify' ? 'notify' : 'replication',
      connection: url,
      ...(kind === 'replication, durable slot' && slot),
    }),
  );
  await opened.source.start();
  const { source } = opened;
  const sumOf = async () => (await client.query('select sum(n)::int as sum from t')).rows[0].sum;
  const sum = cache(sumOf, { source, dependsOn: [table('t')] });
  const numberOf = async (id: string) =>
    (await client.query('select n from t where id::text = $1', [id])).rows[0]?.n;
  const number = cache(numberOf, { source, dependsOn: (id) => [row('t', { id })] });
  return {
    recorded: opened,
    client,
    /** Resolves when the source is live and has caught up; then its caches say what the database says. */
    async expectRight(id: string) {
      const caughtUp = () =>
        source.state === 'live' &&
        source.caughtUp().then(
          () => true,
          () => false,
        );
      await until(caughtUp, 'the source to have caught up');
      expect([await sum(), await number(id)]).toEqual([await sumOf(), await numberOf(id)]);
    },
  };
}

describe.each(KINDS)('%s', (kind) => {
  describe.each(ENCODINGS)('in a database of encoding %s', (encoding, byte) => {
    test.each([
      'key',
      'row',
    ] as const)('a text that holds a byte of its own is no end to the source, level %s', async (level) => {
      const { recorded, client, expectRight } = await open({
        kind,
        encoding,
        level,
        sql: `create table t (id text primary key, note text, n int not null);
            insert into t values ('a', 'x', 0), ('b', 'y', 0), (E'${byte}', E'${byte}', 0)`,
      });
      const keys: unknown[] = [];
      recorded.source.on('change', ({ key }) => keys.push(key?.id));
      await expectRight('a');
      // Each is a transaction of its own.
      await client.query(`insert into t values (E'${byte}1', E'${byte}', 1)`);
      await client.query(`update t set n = n + 1 where id = E'${byte}'`);
      await client.query(`update t set id = E'a${byte}', n = 5 where id = 'a'`);
      await expectRight('a');
      await client.query(`update t set id = 'a', n = 6 where id = E'a${byte}'`);
      await client.query(`delete from t where id = E'${byte}'`);
      await expectRight('a');
      await client.query(`update t set n = n + 1 where id = 'a'`);
      await expectRight('a');
      // A key that was not understood is not made up.
      expect(keys.filter((key) => typeof key === 'string' && key.includes('\ufffd'))).toEqual([]);
      expect(keys).toContain('a');
      // What UTF-8 has no character for costs a connection, and without a durable slot a gap; nothing else does.
      if (encoding !== 'WIN1252') expect(recorded.errors).toEqual([]);
      if (encoding !== 'WIN1252' || kind === 'replication, durable slot') expect(recorded.gaps).toEqual([]);
    });
  });

  test.each([
    'key',
    'row',
  ] as const)('names that hold a byte that is not UTF-8 are no end to the source, level %s', async (level) => {
    const { recorded, client, expectRight } = await open({
      kind,
      encoding: 'SQL_ASCII',
      level,
      sql: `do $$ begin
          execute E'create table t (id int primary key, n int not null, "\\xe9" text, "\\xe8" text)';
          execute E'create table "\\xe9" (id int primary key, "\\xe9" int)';
          execute E'create table "\\xe8" ("\\xe9" int, "\\xe8" int, primary key ("\\xe9", "\\xe8"))';
        end $$; insert into t values (1, 0)`,
    });
    await expectRight('1');
    await client.query(`insert into t values (2, 5, 'x', E'\\xe9')`);
    await client.query(
      `do $$ begin execute E'insert into "\\xe9" values (1, 1)'; execute E'insert into "\\xe8" values (1, 1)'; end $$`,
    );
    await client.query(`update t set n = 7 where id = 1`);
    await expectRight('1');
    expect([recorded.errors, recorded.gaps]).toEqual([[], []]);
  });
});
