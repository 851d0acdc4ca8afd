import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type BuiltCommand, buildCommand } from '../support/built-command.js';
import { cli } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

/** What only a process of its own shows: signals, pipes, exit statuses, terminals. */

let command: BuiltCommand;
let db: TestDatabase;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  command = await buildCommand();
  db = await createDatabase();
  env = { DATABASE_URL: db.url };
  await db.query('create table orders (id int primary key)');
  await cli('install', 'orders', '--mode', 'both', '--commit', '--url', db.url);
}, 120_000);

afterAll(async () => {
  await db.drop();
  await command.remove();
});

let lastId = 0;
function insert(): Promise<unknown> {
  lastId += 1;
  return db.query('insert into orders values ($1)', [lastId]);
}

async function slots(): Promise<string[]> {
  const { rows } = await db.query(
    'select slot_name from pg_replication_slots where database = current_database()',
  );
  return rows.map(({ slot_name }) => slot_name);
}

describe('listen', () => {
  test.each([
    'SIGINT',
    'SIGTERM',
  ] as const)('ends at %s with the status 0, and its slot with it', async (signal) => {
    const listening = command.start(['listen', '--mode', 'replication'], env);
    await listening.said(/^live: by replication/m);
    expect(await slots()).toHaveLength(1);
    listening.process.kill(signal);
    expect(await listening.ended).toMatchObject({ status: 0, out: '' });
    await until(async () => (await slots()).length === 0, 'the temporary slot is gone');
  });

  test('fails where it is ended before it has had its count of changes', async () => {
    const listening = command.start(['listen', '--count', '2'], env);
    await listening.said(/^live:/m);
    await insert();
    await listening.said(/insert/);
    listening.process.kill('SIGINT');
    const { status, err } = await listening.ended;
    expect(status).toBe(1);
    expect(err).toContain('error: Ended after 1 of 2 changes\n');
  });

  test('ends with the status 0 and without an error when the reader of its pipe is gone', async () => {
    const line = `{ ${command.shellWords} listen; echo "status $?" >&2; } | head -1`;
    const listening = command.shell(line, env);
    await listening.said(/^live:/m);
    await insert();
    await listening.said(/insert/);
    // That head has ended shows at a write.
    const writing = setInterval(() => void insert(), 50);
    const { out, err } = await listening.ended;
    clearInterval(writing);
    expect(out.split('\n')).toHaveLength(2);
    expect(err).toMatch(/^live: .*\nstatus 0\n$/);
  });

  test('writes no colours into a pipe, and tells no rate', async () => {
    const listening = command.start(['listen', '--count', '1'], env);
    await listening.said(/^live:/m);
    await insert();
    const { out, err } = await listening.ended;
    expect(out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}insert {4}public\.orders +id=\d+ +-?\d+ ms\n$/);
    expect(err).toMatch(/^live: .*\n$/);
  });
});

describe.skipIf(!existsSync('/usr/bin/script'))('on a terminal', () => {
  /**
   * Runs it on a pseudo-terminal of its own, of 12 rows and 60 columns. In the place of the shell: one that waited for
   * it would be ended by the same Ctrl-C, and be the one whose status is told (dash is, bash is not).
   */
  const onTerminal = (args: string, more: NodeJS.ProcessEnv = {}) =>
    command.shell(`script -qec "stty rows 12 cols 60; exec ${command.shellWords} ${args}" /dev/null`, {
      ...env,
      ...more,
    });
  const esc = String.fromCharCode(27);

  test('listen has colours, and a line with the rate that is drawn anew', async () => {
    const listening = onTerminal('listen --count 2');
    await listening.said(/live:/);
    await insert();
    await listening.said(/1 changes\/s, 1 in all/);
    await insert();
    const { status, out } = await listening.ended;
    expect(status).toBe(0);
    expect(out).toContain(`${esc}[32minsert`);
    expect(out).toContain(`\r${esc}[K1 changes/s, 1 in all\r${esc}[K`);
    expect(out).not.toMatch(/in all[^\r]*\n/);
  });

  test('NO_COLOR is honoured', async () => {
    const listening = onTerminal('listen --count 1', { NO_COLOR: '1' });
    await listening.said(/live:/);
    await insert();
    const { out } = await listening.ended;
    expect(out).toContain('insert');
    expect(out).not.toContain(`${esc}[3`);
  });

  test('status --watch draws itself anew, no larger than the screen, until Ctrl-C', async () => {
    const watching = onTerminal('status --watch 0.1');
    await watching.said(new RegExp(`(${esc}\\[H.*){3}`, 's'));
    // The terminal makes a signal of it.
    watching.process.stdin?.write('\u0003');
    const { status, out } = await watching.ended;
    expect(status).toBe(0);
    const screens = out.split(`${esc}[H`).slice(1, -1);
    expect(screens.length).toBeGreaterThan(1);
    for (const [i, screen] of screens.entries()) {
      expect(screen.includes(`${esc}[2J`)).toBe(i === 0);
      const lines = screen.split('\r\n').slice(0, -1);
      expect(lines).toHaveLength(11);
      expect(lines.at(-1)).toContain('more lines do not fit');
      for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(60);
    }
  });
});

test('status --watch writes one after the other into a pipe, and ends at SIGTERM with the status 0', async () => {
  const watching = command.start(['status', '--watch', '0.1'], env);
  await watching.said(/(PostgreSQL.*){2}/s);
  watching.process.kill('SIGTERM');
  const { status, out, err } = await watching.ended;
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).not.toContain('\u001b');
});

test('status --watch ends when the reader of its pipe is gone', async () => {
  const line = `{ ${command.shellWords} status --watch 0.1; echo "status $?" >&2; } | head -1`;
  const { out, err } = await command.shell(line, env).ended;
  expect(out).toMatch(/^At .*\n$/);
  expect(err).toBe('status 0\n');
});

test('the exit status is 0, 1 for what failed and 2 for what makes no sense', async () => {
  expect(await command.start(['status'], env).ended).toMatchObject({ status: 0 });
  expect(await command.start(['listen', 'nowhere'], env).ended).toMatchObject({ status: 1, out: '' });
  expect(await command.start(['listen', '--count', '0'], env).ended).toMatchObject({ status: 2, out: '' });
});

test.skipIf(inject('serverPackage') === null)(
  'a password from PGPASSFILE serves without a word',
  async () => {
    const url = new URL(db.url);
    const folder = await mkdtemp(path.join(tmpdir(), 'pgcachewatch-pgpass-'));
    const file = path.join(folder, 'pgpass');
    await writeFile(file, `${url.hostname}:*:*:*:${url.password}\n`, { mode: 0o600 });
    url.password = '';
    const surroundings = { DATABASE_URL: url.href, PGPASSFILE: file };
    expect(await command.start(['status'], surroundings).ended).toMatchObject({ status: 0, err: '' });
    await rm(folder, { recursive: true });
  },
);

test('what nobody has caught is a failure like any other: no stack, and no password', async () => {
  const error = "Object.assign(new Error('postgres://me:hunter2@h/x'), { input: 'hunter2' })";
  const late = `process.on('SIGUSR2', () => { throw ${error}; })`;
  const options = { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(late)}"` };
  const listening = command.start(['listen'], { ...env, ...options });
  await listening.said(/^live:/m);
  listening.process.kill('SIGUSR2');
  const { status, out, err } = await listening.ended;
  expect({ status, out }).toEqual({ status: 1, out: '' });
  expect(err).toMatch(/^live: .*\nerror: postgres:\/\/me:\*\*\*@h\/x\n$/);
});

test.skipIf(!existsSync('/dev/full'))('an output that cannot be written is a failure', async () => {
  const { status, err } = await command.shell(`${command.shellWords} status > /dev/full`, env).ended;
  expect(status).toBe(1);
  expect(err).toMatch(/^error: The output could not be written: ENOSPC.*\n$/);
});
