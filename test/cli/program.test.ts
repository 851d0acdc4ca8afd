import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.query('create table orders (id int primary key); create table "Odd Name" (id int)');
});
afterAll(() => db.drop());

async function triggers(): Promise<number> {
  return (await db.query("select count(*)::int as n from pg_trigger where tgname like 'pgcachewatch%'"))
    .rows[0].n;
}

test('install prints the SQL and runs nothing; the SQL runs as it is printed', async () => {
  const { status, out, err } = await cli(
    'install',
    '--url',
    db.url,
    'orders',
    '"Odd Name"',
    '--level',
    'row',
    '--always',
  );
  expect(status).toBe(0);
  expect(err).toBe(
    'plan: schema pgcachewatch: is not there; made\n' +
      'plan: functions pgcachewatch.notify_*: missing; will be created\n' +
      'plan: public.orders: has no triggers; made, level row, key (id)\n' +
      'plan: public."Odd Name": has no triggers; made, level row\n' +
      'lock: SHARE ROW EXCLUSIVE on public.orders, public."Odd Name": who writes waits until it is committed, who reads does not\n' +
      'lock: each is waited for 2000 ms at most, and who comes later waits behind it\n' +
      'note: public."Odd Name" has no primary key: every change is one of the whole table.\n',
  );
  expect(out).toContain('-- public."Odd Name" has no primary key: every change is one of the whole table.');
  expect(await triggers()).toBe(0);
  await db.query(out);
  expect(await triggers()).toBe(4);
  await cli('uninstall', '--url', db.url, '--commit');
});

test('--commit runs it and says what was done, a line a step; again, there is nothing to do', async () => {
  const first = await cli('--url', db.url, 'install', 'orders', '--mode', 'notify', '--commit');
  expect(first).toEqual({
    status: 0,
    out: 'done: create the schema pgcachewatch\ndone: create the trigger functions\ndone: watch public.orders\n',
    err: expect.stringMatching(
      /^plan: schema .*\nplan: functions .*\nplan: public\.orders: .*\nlock: .*\nlock: .*\n$/,
    ),
  });
  const again = await cli('--url', db.url, 'install', 'orders', '--commit');
  expect(again).toEqual({
    status: 0,
    out: 'Nothing to do.\n',
    err: 'plan: public.orders: has triggers of this version, level key, key (id); nothing to change\n',
  });
  const printed = await cli('--url', db.url, 'uninstall');
  expect(printed.out).toContain('drop schema pgcachewatch;');
  expect(await triggers()).toBe(2);
  const away = await cli('--url', db.url, 'uninstall', 'orders', '--commit');
  expect(away).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^done: stop watching public\.orders\n.*schema pgcachewatch\n$/s),
  });
  expect(await triggers()).toBe(0);
});

test('an error is one line, its remedy another, and the status is 1', async () => {
  expect(await cli('install', '--url', db.url, 'ordrs')).toEqual({
    status: 1,
    out: '',
    err: 'error: There is no table ordrs\nremedy: Did you mean orders?\n',
  });
  const { status, err } = await cli('install', '--url', db.url, 'x; drop\ntable orders');
  expect(status).toBe(1);
  expect(err.split('\n')).toHaveLength(3);
});

test('what is not a command line is told, with the status 2', async () => {
  for (const args of [
    ['install'],
    ['install', 'orders', '--mode', 'telepathy'],
    ['install', 'orders', '--level', 'all'],
    ['install', 'orders', '--max-rows', 'many'],
    ['install', 'orders', '--nonsense'],
    ['nonsense'],
  ]) {
    const { status, out, err } = await cli(...args);
    expect({ status, out }, args.join(' ')).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^error: /);
  }
});

test('--help and --version are no errors', async () => {
  const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await cli('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
  const help = await cli('--help');
  expect(help.status).toBe(0);
  for (const command of ['install', 'uninstall', 'demo']) expect(help.out).toContain(command);
});

describe('a server that cannot be reached, or refuses,', () => {
  test.each([
    ['nobody listens', (url: URL) => (url.port = '1')],
    ['there is no such role, or it has another password', (url: URL) => (url.username = 'nobody_at_all')],
    ['there is no such database', (url: URL) => (url.pathname = '/nowhere')],
  ])('is told with a remedy and without the password: %s', async (_, spoil) => {
    const url = new URL(db.url);
    url.password = 'hunter2';
    spoil(url);
    const { status, out, err } = await cli('install', 'orders', '--url', url.href);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^error: .+\nremedy: .+\n$/);
    expect(err).not.toContain('hunter2');
    expect(err).not.toContain('tried again');
  });
});

test('DATABASE_URL is used where there is no --url', async () => {
  const before = process.env.DATABASE_URL;
  process.env.DATABASE_URL = db.url;
  try {
    expect(await cli('uninstall')).toMatchObject({
      status: 0,
      err: 'note: There is nothing of pgcachewatch to remove.\n',
    });
  } finally {
    if (before === undefined) delete process.env.DATABASE_URL;
    else process.env.DATABASE_URL = before;
  }
});
