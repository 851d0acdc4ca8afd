import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createSource, type SourceOptions } from '../../src/index.js';
import { cli, start } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { calledBySql } from './names-in-sql.js';
import { setTraps, type Traps } from './traps.js';

/**
 * A role that may create in a schema on the path makes functions and operators that are taken for those of
 * pg_catalog. None of them may run with the rights of whoever runs pgcachewatch or writes to a watched table.
 *
 * The search path of the database puts that schema first, so that every name which is neither qualified nor looked up
 * under a path of ours leads to a trap.
 */

// A trap leaves a file, which is looked for on this machine.
describe.skipIf(inject('serverPackage') === null)('a stranger’s functions and operators', () => {
  let db: TestDatabase;
  let traps: Traps;
  let owner: Client;
  let stranger: string;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'pgcachewatch-migrations-'));
    db = await createDatabase();
    stranger = `mallory_${db.name.slice(-8)}`;
    const setup = await db.client();
    await setup.query(`
      create role ${stranger} login password 'm';
      grant create on schema public to public;
      create table public.orders (id int primary key default 9, v text);
      create table public.items (id int, part text, v text, primary key (part, id));
      create table public.bare (v text);
      create table public.others (id int primary key)`);
    await setup.query(`alter table public.items replica identity full`);
    const url = new URL(db.url);
    url.username = stranger;
    url.password = 'm';
    const mallory = new Client({ connectionString: url.href });
    await mallory.connect();
    traps = await setTraps(mallory, calledBySql());
    await mallory.end();
    await setup.query(`alter database ${escapeIdentifier(db.name)} set search_path = public, pg_catalog`);
    owner = await db.client();
  }, 120_000);
  afterAll(async () => {
    traps?.remove();
    rmSync(folder, { recursive: true, force: true });
    await owner
      .query(`reset search_path; drop owned by ${stranger} cascade; drop role ${stranger}`)
      .catch(() => {});
    await db.drop();
  }, 60_000);

  /** Statements that call nothing themselves: neither a function nor an operator. */
  const write = async (): Promise<void> => {
    for (const statement of [
      "insert into orders values (1, 'a'), (2, 'b')",
      "update orders set v = 'c'",
      "insert into items values (1, 'a', 'x')",
      "update items set part = 'b'",
      "insert into bare values ('x')",
      'delete from bare',
      'delete from items',
      'delete from orders',
      'truncate orders, items, bare',
    ]) {
      await owner.query(statement);
    }
  };
  const tables = ['orders', 'items', 'bare'];
  const run = async (...args: string[]) => {
    const said = await cli(...args, '--url', db.url);
    expect(said).toMatchObject({ err: expect.not.stringContaining('stranger') });
    expect(said.out).not.toContain('stranger');
    expect(traps.caught(), args.join(' ')).toEqual([]);
    return said;
  };

  test('are as many as they have to be, and are called where a name is not qualified', async () => {
    expect(traps.count).toBeGreaterThan(1_000);
    await expect(owner.query('select to_json(array[v]) from bare')).resolves.toBeDefined();
    await expect(owner.query("select to_json(array['x'])")).rejects.toThrow(/stranger/);
    await expect(owner.query("select 'x'::name = 'y'::name")).rejects.toThrow(/stranger/);
    expect(traps.caught()).toHaveLength(2);
  });

  describe.each(['key', 'row', 'table'])('with triggers of level %s', (level) => {
    const install = ['install', ...tables, '--mode', 'notify', '--level', level];

    test('are called by no command', async () => {
      const both = ['--mode', 'both', '--level', level, '--replica-identity', 'full'];
      await run('doctor');
      await run('doctor', ...tables);
      expect((await run('install', ...tables, ...both)).status).toBe(0);
      expect((await run('install', ...tables, ...both, '--commit')).status).toBe(0);
      expect((await run(...install, '--commit')).status).toBe(0);
      await run('doctor', ...tables);
      await run('doctor', '--mode', 'replication', '--slot', 'pgcachewatch_traps');
      expect((await run('status', '--json')).status).toBe(0);
      await run('install', 'ordrs');
      expect((await run('uninstall')).status).toBe(0);
      expect((await run('uninstall', '--commit')).status).toBe(0);
    });

    test('are called by no migration that is run by hand', async () => {
      const [up, down] = ['up.sql', 'down.sql'].map((name) => path.join(folder, `${level}-${name}`));
      const files = ['--output', up ?? '', '--output-down', down ?? ''];
      const both = ['--mode', 'both', '--level', level, '--replica-identity', 'full'];
      await run('install', ...tables, ...both, ...files);
      for (const file of [up, down, up, down, up]) {
        await owner.query(readFileSync(file ?? '', 'utf8'));
        expect(traps.caught(), file).toEqual([]);
      }
      // What another table in the publication is found by is run only if there is one.
      await owner.query('alter publication pgcachewatch add table others');
      await expect(owner.query(readFileSync(down ?? '', 'utf8'))).rejects.toThrow(
        'Other tables or schemas are published',
      );
      await owner.query('alter publication pgcachewatch drop table others');
      expect(traps.caught()).toEqual([]);
      const removal = [up, down].map((file) => (file ?? '').replace('.sql', '-uninstall.sql'));
      await run('uninstall', '--output', removal[0] ?? '', '--output-down', removal[1] ?? '');
      for (const file of [removal[0], removal[1], removal[0]]) {
        await owner.query(readFileSync(file ?? '', 'utf8'));
        expect(traps.caught(), file).toEqual([]);
      }
    });

    test('are called by no trigger when a superuser writes', async () => {
      await run(...install, '--commit');
      await write();
      expect(traps.caught()).toEqual([]);
      await run('uninstall', '--commit');
    });
  });

  const sources: readonly SourceOptions[] = [
    { mode: 'notify' },
    { mode: 'replication' },
    { mode: 'replication', replication: { slot: { name: 'pgcachewatch_traps' } } },
    { mode: 'auto' },
  ];
  test.each(sources)('are called by no source: %j', async (options) => {
    // Replication alone, so that no trigger is what calls them.
    const mode = options.mode === 'notify' ? 'notify' : 'replication';
    await run(
      'install',
      ...tables,
      '--mode',
      mode,
      '--commit',
      ...(mode === 'notify' ? [] : ['--replica-identity', 'full']),
    );
    const source = createSource({ ...options, connection: db.url, tables, silenceLimitMs: 1_000 });
    const errors: string[] = [];
    source.on('error', ({ message }) => errors.push(message));
    try {
      await source.start();
      if (mode === 'replication') await write();
      await source.caughtUp();
      // Another table, so that a catalog check has something to tell.
      let rewatched = false;
      source.on('gap', ({ reason }) => {
        rewatched ||= reason === 'unwatched';
      });
      await run(
        ...(mode === 'notify'
          ? ['uninstall', 'bare', '--mode', mode, '--commit']
          : ['uninstall', 'bare', '--mode', mode, '--commit']),
      );
      await until(() => Promise.resolve(rewatched), 'the catalog check', 15_000);
    } finally {
      await source.close();
    }
    expect(traps.caught()).toEqual([]);
    expect(errors.filter((message) => message.includes('stranger'))).toEqual([]);
    await run('uninstall', '--commit');
  }, 60_000);

  test.each(['notify', 'replication'])('are not called by `listen --mode %s`', async (mode) => {
    await run('install', 'orders', '--mode', mode, '--commit');
    const listening = start(['listen', '--mode', mode, '--count', '1', '--url', db.url]);
    await listening.said('live:');
    await owner.query('insert into orders default values');
    expect((await listening.ended).err).not.toContain('stranger');
    if (mode === 'replication') expect(traps.caught()).toEqual([]);
    traps.caught();
    await owner.query('delete from orders');
    traps.caught();
    await run('uninstall', '--commit');
  });
});
