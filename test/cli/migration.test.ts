import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { escapeIdentifier } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fingerprint } from '../install/catalog.js';
import { cli, type Said } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

const execute = promisify(execFile);
const hasPsql = await execute('psql', ['--version']).then(
  () => true,
  () => false,
);
// What psql, or the comment, the quote or the statement that it stands in, could take for something of its own.
const odd = `it's :odd :'x' \\gexec -- /*\n; $pgcachewatch$ "q"`;
const tables = ['orders', 'bare', escapeIdentifier(odd)];
const install = ['install', ...tables, '--mode', 'both', '--replica-identity', 'full'];

let db: TestDatabase;
let folder: string;
let before: readonly string[];

beforeAll(async () => {
  db = await createDatabase();
  await db.query(`create table orders (id int primary key, a text); create table bare (a text);
    create table ${escapeIdentifier(odd)} (${escapeIdentifier(odd)} int primary key)`);
  before = await fingerprint(db);
});
afterAll(() => db.drop());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-migration-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);
const content = (name: string) => readFile(at(name), 'utf8');
const files = async () => (await readdir(folder)).sort();
const migrate = (...args: string[]): Promise<Said> => cli('--url', db.url, ...args);

test('two files are written, and nothing is run; the plan is said, and the files are named', async () => {
  const said = await migrate(...install, '--output', at('007.sql'));
  expect(said.status).toBe(0);
  expect(said.out).toBe(`written: ${at('007.sql')}\nwritten: ${at('007.down.sql')}\n`);
  expect(said.err).toMatch(/^plan: public\.orders: has no triggers; made, level key, key \(id\)$/m);
  expect(said.err).toMatch(/^plan: public\.bare: has no replica identity that serves; made FULL$/m);
  expect(said.err).toMatch(
    /^lock: ACCESS EXCLUSIVE on public\.bare: who reads or writes waits until it is committed$/m,
  );
  expect(await files()).toEqual(['007.down.sql', '007.sql']);
  expect(await fingerprint(db)).toEqual(before);
  expect(await content('007.sql')).toContain("set local lock_timeout = '2000ms';");
  expect(await content('007.down.sql')).toContain('-- Takes back pgcachewatch install');
});

test.each([
  ['x.up.sql', [], ['x.down.sql', 'x.up.sql']],
  ['x', [], ['x', 'x.down.sql']],
  ['x.sql', ['--output-down', 'back.sql'], ['back.sql', 'x.sql']],
])('%s %j is written as %j', async (output, down, expected) => {
  const flags = down.map((text) => (text.startsWith('-') ? text : at(text)));
  expect(await migrate(...install, '--output', at(output), ...flags)).toMatchObject({ status: 0 });
  expect(await files()).toEqual(expected);
});

test.each([
  'x.sql',
  'x.down.sql',
])('where %s is there, neither file is written, unless by --force', async (there) => {
  await writeFile(at(there), 'precious');
  expect(await migrate(...install, '--output', at('x.sql'))).toMatchObject({
    status: 1,
    out: '',
    err: expect.stringMatching(new RegExp(`error: .*${there} is there already\nremedy: .*--force.*\n$`)),
  });
  expect(await files()).toEqual([there]);
  expect(await content(there)).toBe('precious');
  expect(await migrate(...install, '--output', at('x.sql'), '--force')).toMatchObject({ status: 0 });
  expect(await files()).toEqual(['x.down.sql', 'x.sql']);
  expect(await content(there)).toContain('do $pgcachewatch');
});

test('what means nothing together, and a file that cannot be written, is told, and nothing is left', async () => {
  for (const [flags, status, message] of [
    [['--output', at('x.sql'), '--commit'], 2, "'--output <file>' cannot be used with option '--commit'"],
    [['--output-down', at('x.sql')], 1, '--output-down means nothing without --output'],
    [['--force'], 1, '--force means nothing without --output'],
    [['--output', at('x.sql'), '--output-down', at('./x.sql')], 1, 'are one file'],
    [['--output', at('nowhere/x.sql')], 1, 'Could not write'],
    [['--output', at('x.sql'), '--output-down', at('nowhere/x.sql')], 1, 'Could not write'],
    [['--output', at('nowhere/x.sql'), '--output-down', at('x.sql')], 1, 'Could not write'],
  ] as const) {
    expect(await migrate(...install, ...flags), flags.join(' ')).toMatchObject({
      status,
      out: '',
      err: expect.stringContaining(message),
    });
    expect(await files()).toEqual([]);
  }
});

test('where there is nothing to do, no file is written, and it is said', async () => {
  expect(await migrate('uninstall', '--output', at('x.sql'))).toMatchObject({
    status: 0,
    out: 'Nothing to do: no file is written.\n',
  });
  expect(await files()).toEqual([]);
});

type Runner = (file: string) => Promise<unknown>;
const psql = (...flags: readonly string[]): Runner => {
  return (file) =>
    execute('psql', [db.url, '--no-psqlrc', '--set', 'ON_ERROR_STOP=1', ...flags, '--file', file]);
};
const query: Runner = async (file) => (await db.client()).query(await readFile(file, 'utf8'));
const inTransaction: Runner = async (file) => {
  const client = await db.client();
  await client.query('begin');
  await client.query(await readFile(file, 'utf8'));
  await client.query('commit');
};

describe.each<[string, Runner, boolean]>([
  ['psql', psql(), true],
  ['psql in one transaction', psql('--single-transaction'), true],
  ["pg's simple query", query, false],
  ['a migration tool, within its own transaction', inTransaction, false],
])('the files run as they are, by %s:', (_, run, needsPsql) => {
  test.skipIf(needsPsql && !hasPsql)('up and down again, of install and of uninstall', async () => {
    await migrate(...install, '--output', at('1.sql'));
    await run(at('1.sql'));
    const installed = await fingerprint(db);
    expect(await migrate(...install)).toMatchObject({ out: expect.stringContaining('-- Nothing to do.') });
    await migrate('uninstall', '--output', at('2.sql'));
    await run(at('2.sql'));
    expect(await fingerprint(db)).toEqual(before);
    await run(at('2.down.sql'));
    expect(await fingerprint(db)).toEqual(installed);
    await run(at('1.down.sql'));
    expect(await fingerprint(db)).toEqual(before);
  });

  test.skipIf(needsPsql && !hasPsql)('a failure in the middle leaves nothing', async () => {
    await migrate(...install, '--output', at('1.sql'));
    await db.query('alter table orders rename to away');
    try {
      await expect(run(at('1.sql'))).rejects.toThrow('relation "public.orders" does not exist');
    } finally {
      await db.query('rollback; alter table away rename to orders');
    }
    expect(await fingerprint(db)).toEqual(before);
  });
});

test("a migration tool's own transaction stays open, and what it rolls back is gone", async () => {
  await migrate(...install, '--output', at('1.sql'));
  const client = await db.client();
  await client.query('begin');
  await client.query(await content('1.sql'));
  await client.query('create table schema_migrations (a int)');
  await client.query('rollback');
  expect(await fingerprint(db)).toEqual(before);
});

test.skipIf(!hasPsql)('what is printed can be piped into psql', async () => {
  const { out } = await migrate(...install);
  const running = execute('psql', [db.url, '--no-psqlrc', '--quiet']);
  running.child.stdin?.end(out);
  expect(await running).toEqual({ stdout: '', stderr: '' });
  expect(await migrate(...install, '--commit')).toMatchObject({ status: 0, out: 'Nothing to do.\n' });
  expect(await migrate('uninstall', '--commit')).toMatchObject({ status: 0 });
  expect(await fingerprint(db)).toEqual(before);
});
