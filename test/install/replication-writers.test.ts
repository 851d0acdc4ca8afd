import { expect, inject, test } from 'vitest';
import { startEmbeddedServer } from '../../src/demo/embedded-server.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase } from '../support/database.js';
import { setup } from './replication-setup.js';

const it = setup();

interface Refused {
  readonly name: string;
  readonly table: string;
  readonly create: string;
  /** What the remedy names, apart from `--replica-identity full`; `…` is filled in with the column id. */
  readonly ways: readonly RegExp[];
}

const refused: readonly Refused[] = [
  {
    name: 'no primary key',
    table: 'bare',
    create: 'create table bare (id int not null, a text)',
    ways: [/ALTER TABLE \S+ ADD PRIMARY KEY [^;]+;/, /CREATE UNIQUE INDEX [^;]+;.*?USING INDEX [^;]+;/],
  },
  {
    name: 'no primary key, and a unique index that would do',
    table: '"In dex"',
    create: `create table "In dex" (id int not null, a text); create unique index on "In dex" (a);
      create unique index on "In dex" (id) where a is null; create unique index "The One" on "In dex" (id)`,
    ways: [/ALTER TABLE public."In dex" REPLICA IDENTITY USING INDEX "The One";/],
  },
  {
    name: 'an identity that was switched off',
    table: 'off',
    create: 'create table off (id int primary key, a text); alter table off replica identity nothing',
    ways: [
      /ALTER TABLE public.off REPLICA IDENTITY DEFAULT;/,
      /ALTER TABLE public.off REPLICA IDENTITY USING INDEX off_pkey;/,
    ],
  },
  {
    name: 'a primary key that is checked at commit only',
    table: 'late',
    create: 'create table late (id int primary key deferrable, a text)',
    ways: [/CREATE UNIQUE INDEX [^;]+;.*?USING INDEX [^;]+;/],
  },
  {
    name: 'the index of the identity gone',
    table: 'gone',
    create: `create table gone (id int not null, a text); create unique index gone_id on gone (id);
      alter table gone replica identity using index gone_id; drop index gone_id`,
    ways: [/ALTER TABLE \S+ ADD PRIMARY KEY [^;]+; ALTER TABLE \S+ REPLICA IDENTITY DEFAULT;/],
  },
  {
    name: 'a partition whose identity was switched off',
    table: 'tree',
    create: `create table tree (id int primary key, a text) partition by range (id);
      create table tree_low partition of tree for values from (0) to (10);
      alter table tree_low replica identity nothing`,
    ways: [/ALTER TABLE public.tree_low REPLICA IDENTITY DEFAULT;/],
  },
  {
    name: 'partitions without a primary key',
    table: 'keyless',
    create: `create table keyless (id int not null, a text) partition by range (id);
      create table keyless_low partition of keyless for values from (0) to (10)`,
    ways: [/ALTER TABLE public.keyless ADD PRIMARY KEY [^;]+;/],
  },
  {
    name: 'a child by inheritance, which has no primary key',
    table: 'mother',
    create: 'create table mother (id int primary key, a text); create table child () inherits (mother)',
    ways: [/ALTER TABLE public.child ADD PRIMARY KEY [^;]+;/],
  },
];

const cases = refused.flatMap((each) =>
  [...each.ways, 'full' as const].map((way) => ({ ...each, way, how: String(way) })),
);

test.each(cases)('$name: refused, and what the remedy says makes it succeed: $how', async (each) => {
  const { table, create, way } = each;
  await it.db.query(create);
  const before = await it.catalog();
  const error = await it.plan([table]).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'WOULD_BREAK_WRITERS',
    message: expect.stringContaining('Every UPDATE and DELETE on public.'),
    remedy: expect.stringContaining('--replica-identity full'),
  });
  const remedy = error instanceof Error && 'remedy' in error ? String(error.remedy) : '';
  if (way === 'full') {
    await it.install([table], { replicaIdentity: 'full' });
    await it.expectWritable(table, "(1, 'a')");
    expect((await it.plan([table])).statements).toEqual([]);
    await it.uninstall();
    if (each.name !== 'the index of the identity gone') expect(await it.catalog()).toEqual(before);
  } else {
    const sql = way.exec(remedy)?.[0] ?? expect.fail(`no ${way} in: ${remedy}`);
    await it.db.query(sql.replaceAll('…', 'id'));
    await it.install([table]);
    await it.expectWritable(table, "(1, 'a')");
    await it.uninstall();
  }
  await it.db.query(`drop table ${table} cascade`);
});

test('a table whose identity is FULL already is taken as it is, and stays so', async () => {
  await it.db.query('create table logged (a text); alter table logged replica identity full');
  const before = await it.catalog();
  await it.install(['logged'], { replicaIdentity: 'full' });
  await it.expectWritable('logged', "('a')");
  await it.uninstall();
  expect(await it.catalog()).toEqual(before);
});

test('a partition added later can be written to, whatever the tree is known by', async () => {
  await it.db.query(`create table keyed (id int primary key, a text) partition by range (id);
    create table unkeyed (id int, a text) partition by range (id);
    create table unkeyed_low partition of unkeyed for values from (0) to (10)`);
  const made = await it.install(['keyed', 'unkeyed'], { replicaIdentity: 'full' });
  expect(await it.published()).toEqual(['keyed', 'unkeyed_low']);
  expect(made.warnings.join()).toContain('public.unkeyed: what is added to it later');
  expect(made.warnings.join()).not.toContain('public.keyed');
  await it.db.query(`create table keyed_low partition of keyed for values from (0) to (10);
    create table unkeyed_high partition of unkeyed for values from (10) to (20)`);
  await it.expectWritable('keyed', "(1, 'a')");
  await it.expectWritable('unkeyed', "(1, 'a'), (11, 'b')");
  await it.install(['keyed', 'unkeyed'], { replicaIdentity: 'full' });
  expect(await it.published()).toEqual(['keyed', 'unkeyed_high', 'unkeyed_low']);
  await it.expectWritable('unkeyed', "(1, 'a'), (11, 'b')");
  await it.uninstall();
});

test('an identity that was chosen since, or that another publication needs, is not put back', async () => {
  await it.db.query(
    'create table chosen (id int); create table shared (id int); create table moved (id int)',
  );
  await it.install(['chosen', 'shared', 'moved'], { replicaIdentity: 'full' });
  await it.db.query(`create publication others for table shared; alter table moved rename to moved_away;
    alter table chosen replica identity nothing`);
  const { notes } = await it.uninstall();
  expect(notes.join('\n')).toContain(
    'public.shared keeps REPLICA IDENTITY FULL, because another publication',
  );
  expect(notes.join('\n')).toContain('ALTER TABLE ONLY public.moved_away REPLICA IDENTITY DEFAULT;');
  await it.expectWritable('shared', '(1)');
  const { rows } = await it.db.query(
    `select relname, relreplident from pg_class where relname in ('chosen', 'shared', 'moved_away') order by 1`,
  );
  expect(rows.map(({ relreplident }) => relreplident)).toEqual(['n', 'f', 'f']);
  await it.db.query('drop publication others');
});

test('what one table is given back when it leaves, the others keep remembered', async () => {
  await it.db.query('create table first (id int); create table second (id int)');
  const before = await it.catalog();
  await it.install(['first'], { replicaIdentity: 'full' });
  await it.install(['second'], { replicaIdentity: 'full' });
  const { notes } = await it.uninstall({ tables: ['first'] });
  expect(notes).toContain('Still published by pgcachewatch: public.second.');
  const identity = async (table: string) =>
    (await it.db.query('select relreplident as is from pg_class where oid = $1::regclass', [table])).rows[0]
      .is;
  expect([await identity('first'), await identity('second')]).toEqual(['d', 'f']);
  // By now this is somebody's own choice.
  await it.db.query('alter table first replica identity full');
  await it.uninstall({ tables: ['second'] });
  expect([await identity('first'), await identity('second')]).toEqual(['f', 'd']);
  await it.db.query('alter table first replica identity default');
  expect(await it.catalog()).toEqual(before);
});

test('generated columns in the identity do not make UPDATE and DELETE fail', async () => {
  await it.db.query('create table made (n int, id int generated always as (n * 2) stored primary key)');
  await it.db.query('create table made_full (n int, twice int generated always as (n * 2) stored)');
  const before = await it.catalog();
  await it.install(['made', 'made_full'], { replicaIdentity: 'full' });
  await it.expectWritable('made', '(1)');
  await it.expectWritable('made_full', '(1)');
  await it.uninstall();
  if (it.version >= 180_000) {
    await it.db.query('create table shadow (n int, twice int generated always as (n * 2) virtual)');
    await expect(it.plan(['shadow'], { replicaIdentity: 'full' })).rejects.toMatchObject({
      code: 'WOULD_BREAK_WRITERS',
      remedy: expect.not.stringContaining('--replica-identity full'),
    });
    await it.db.query('drop table shadow');
  }
  expect(await it.catalog()).toEqual(before);
});

test('where the identity is lost between planning and running, nothing is published', async () => {
  await it.db.query('create table losing (id int primary key)');
  const made = await it.plan(['losing']);
  await it.db.query('alter table losing drop constraint losing_pkey');
  await expect(commitPlan(it.client, made)).rejects.toMatchObject({
    code: 'WOULD_BREAK_WRITERS',
    message: expect.stringContaining('Nothing was changed'),
    remedy: expect.any(String),
  });
  expect(await it.published()).toEqual([]);
  await it.expectWritable('losing', '(1)');
});

test('no trigger fires when writers are checked for', async () => {
  await it.db.query(`create table guarded (id int primary key);
    create function refuse() returns trigger language plpgsql as $$begin raise 'no'; end$$;
    create trigger refuse before delete on guarded for each statement execute function refuse()`);
  await it.install(['guarded']);
  await it.uninstall();
});

test('what is not in the WAL, or is no table, is refused', async () => {
  await it.db.query(`create unlogged table fleeting (id int primary key); create view seen as select 1 as id;
    create table split (id int primary key) partition by range (id);
    create unlogged table split_low partition of split for values from (0) to (10)`);
  await it.client.query('create temp table passing (id int primary key)');
  for (const [table, reason, remedy] of [
    ['fleeting', 'public.fleeting is unlogged', 'SET LOGGED'],
    ['split', 'public.split_low is unlogged', 'SET LOGGED'],
    ['seen', 'a view', ''],
    ['passing', 'temporary', ''],
    ['pg_class', 'the system', ''],
  ] as const) {
    await expect(it.plan([table]), table).rejects.toMatchObject({
      code: 'UNWATCHABLE',
      message: expect.stringContaining(reason),
      remedy: expect.stringContaining(remedy),
    });
  }
  await it.db.query('alter table fleeting set logged');
  await it.install(['fleeting']);
  await it.uninstall();
});

test('where wal_level is not logical, it is installed with a warning', async (context) => {
  const packageName = inject('serverPackage');
  if (packageName === null) return context.skip();
  const server = await startEmbeddedServer({ packageName, settings: { wal_level: 'replica' } });
  try {
    const own = await createDatabase(server.url);
    const client = await own.client();
    await client.query('create table t (id int primary key)');
    const made = await planInstall(client, { tables: ['t'], mode: 'replication' });
    expect(made.warnings).toEqual([expect.stringContaining("ALTER SYSTEM SET wal_level = 'logical'")]);
    await commitPlan(client, made);
    await own.drop();
  } finally {
    await server.stop();
  }
});
