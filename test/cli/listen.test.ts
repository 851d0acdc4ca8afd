import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cli, type RunningCommand, start } from '../support/cli.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.query(`
    create table orders (id int primary key, at timestamptz, photo bytea, total numeric, count int8);
    create table customers (region text, id int, primary key (region, id));
    create table log (line text);
  `);
  const tables = ['orders', 'customers', 'log'];
  await cli(
    'install',
    ...tables,
    '--mode',
    'both',
    '--replica-identity',
    'full',
    '--commit',
    '--url',
    db.url,
  );
});
afterAll(() => db.drop());
beforeEach(() => db.query('truncate orders, customers, log'));

/** Starts to listen, and waits until it does. */
async function listening(...args: string[]): Promise<RunningCommand> {
  const command = start(['listen', '--url', db.url, ...args]);
  await command.said('live: ');
  return command;
}

describe.each(['notify', 'replication'])('by %s', (mode) => {
  test('a change is a line: time, operation, table, key and latency', async () => {
    const command = await listening('--mode', mode, '--count', '6');
    await db.query('insert into orders (id) values (42)');
    await db.query('update orders set id = 43');
    await db.query('delete from orders');
    await db.query("insert into customers values ('e u', 7)");
    await db.query("insert into log values ('x')");
    await db.query('truncate orders');
    const { status, out, err } = await command.ended;
    expect({ status, err }).toEqual({
      status: 0,
      err: `live: by ${mode}, public.customers, public.log, public.orders\n`,
    });
    const lines = out.split('\n').map((line) => line.replace(/ +/g, ' '));
    expect(lines.pop()).toBe('');
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d\d\d .* -?\d+ ms$/);
    expect(lines.map((line) => line.replace(/^\S+ | \S+ ms$/g, ''))).toEqual([
      'insert public.orders id=42',
      'update public.orders id=43 (was id=42)',
      'delete public.orders id=43',
      'insert public.customers region="e u" id=7',
      'insert public.log (whole table)',
      'truncate public.orders (whole table)',
    ]);
  });

  test('--json is an object a line, of all that is known', async () => {
    const command = await listening('--mode', mode, '--count', '1', '--json');
    await db.query(
      "insert into orders values (1, '2026-01-31T12:00:00Z', '\\x00ff', 'NaN', 9007199254740993)",
    );
    const { out } = await command.ended;
    const { transaction, ...change } = JSON.parse(out);
    expect(out).toMatch(/^\{.*\}\n$/);
    const image = {
      at: '2026-01-31T12:00:00.000Z',
      photo: '\\x00ff',
      total: 'NaN',
      count: '9007199254740993',
    };
    expect(change).toEqual({
      operation: 'insert',
      schema: 'public',
      table: 'orders',
      key: { id: 1 },
      previousKey: null,
      before: null,
      after: mode === 'replication' ? { id: 1, ...image } : null,
      sentAt: expect.stringMatching(/^\d{4}-.*Z$/),
      receivedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      latencyMs: expect.any(Number),
      origin: mode,
    });
    expect(transaction).toEqual({
      xid: expect.any(Number),
      commitLsn: mode === 'replication' ? expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/) : null,
      committedAt: mode === 'replication' ? expect.stringMatching(/Z$/) : null,
    });
  });

  test('a gap, the loss of the connection and its return are told beside the changes', async () => {
    const command = await listening('--mode', mode);
    await db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'pgcachewatch %'",
    );
    await command.said(/live: .*gap: .*live: /s);
    command.interrupt();
    const { status, out, err } = await command.ended;
    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err).toMatch(
      /^live: .*\ninterrupted: .*\nerror: .*\nremedy: .*\n(?:error: .*\nremedy: .*\n)*gap: .*: reconnected: .*\nlive: .*\n$/,
    );
  });
});

test('tables are arguments or --table, and --operation leaves out the others', async () => {
  const args = ['customers', '--table', 'orders', '--operation', 'delete', '--operation', 'truncate'];
  const command = await listening(...args, '--mode', 'notify', '--count', '2');
  expect(command.err).toBe('live: by notify, public.customers, public.orders\n');
  await db.query(
    "insert into log values ('x'); insert into orders (id) values (1); update orders set count = 1",
  );
  await db.query('delete from orders; truncate log; truncate customers');
  const { out } = await command.ended;
  expect(out).toMatch(/^\S+ {2}delete .* public\.orders .*\n\S+ {2}truncate .*public\.customers .*\n$/s);
});

test('what the choice of the source found is said: why not the better one', async () => {
  const command = await listening('--publication', 'nowhere');
  command.interrupt();
  const { status, err } = await command.ended;
  expect(status).toBe(0);
  expect(err).toMatch(
    /^live: by notify, .*\nnote: not by replication: publication "nowhere" does not exist; run: /,
  );
});

test('nothing that stands in the database does anything to a terminal', async () => {
  const evil = '\u001b[2J\u009b31m\u202e';
  await db.query(`create table "evil${evil}\n" ("k${evil}" text primary key)`);
  await cli('install', `"evil${evil}\n"`, '--mode', 'both', '--commit', '--url', db.url);
  try {
    for (const mode of ['notify', 'replication']) {
      const plain = await listening('--mode', mode, '--count', '1');
      const json = await listening('--mode', mode, '--count', '1', '--json');
      await db.query(`insert into "evil${evil}\n" values ($1)`, [`${mode}${evil}\r\n`]);
      const { out, err } = await plain.ended;
      const said = { plain: out, err, json: (await json.ended).out };
      for (const text of Object.values(said)) {
        expect(text.replace(/\n$/, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
      expect(out).toContain(`"k\\u001b[2J\\u009b31m\\u202e"=`);
      expect(JSON.parse(said.json)).toMatchObject({
        table: `evil${evil}\n`,
        key: { [`k${evil}`]: `${mode}${evil}\r\n` },
      });
    }
    const status = await cli('status', '--url', db.url);
    expect(status.out).toContain('public."evil\\u001b');
    for (const { out } of [status, await cli('status', '--json', '--url', db.url)]) {
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  } finally {
    await db.query(`drop table "evil${evil}\n"`);
  }
});

test('what cannot begin ends at once, with the remedy', async () => {
  const url = new URL(db.url);
  url.port = '1';
  expect(await cli('listen', '--url', url.href)).toEqual({
    status: 1,
    out: '',
    err: expect.stringMatching(/^error: No connection .*\nremedy: Check that the server is up, .*--url.*\n$/),
  });
  expect(await cli('listen', 'nowhere', '--url', db.url)).toMatchObject({ status: 1, out: '' });
});

test.each([
  ['--mode', 'notify', '--slot', 'x'],
  ['--mode', 'notify', '--publication', 'x'],
  ['--mode', 'replication', '--channel', 'x'],
  ['--operation', 'upsert'],
  ['--count', '0'],
  ['--count', 'many'],
])('%s %s %s %s is not a command line', async (...args) => {
  const { status, out, err } = await cli('listen', '--url', db.url, ...args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(/^error: /);
});

test('a durable slot stays, and it is said how to drop it', async () => {
  const command = await listening('--mode', 'replication', '--slot', 'shop_listen');
  command.interrupt();
  const { status, err } = await command.ended;
  expect(status).toBe(0);
  const [, remedy = ''] = /^note: the slot shop_listen stays, .* run: pgcachewatch (.*)$/m.exec(err) ?? [];
  const slot = "select active_pid from pg_replication_slots where slot_name = 'shop_listen'";
  await until(async () => (await db.query(slot)).rows[0]?.active_pid === null, 'nobody reads the slot');
  const { out } = await cli(...remedy.split(' '), '--url', db.url);
  expect(out).toContain('drop the replication slot shop_listen');
  expect((await db.query(slot)).rows).toEqual([]);
  await cli(
    'install',
    'orders',
    'customers',
    'log',
    '--mode',
    'replication',
    '--replica-identity',
    'full',
    '--commit',
    '--url',
    db.url,
  );
});

test('--rate tells how many changes come a second where there is no terminal', async () => {
  const command = await listening('--rate', '--mode', 'notify');
  await db.query('insert into customers select $1, generate_series(1, 1000)', ['eu']);
  await command.said('rate: 1,000 changes/s, 1,000 in all\n');
  await command.said('rate: 0 changes/s, 1,000 in all\n');
  command.interrupt();
  expect((await command.ended).status).toBe(0);
});

test('a reader that is too slow misses changes, is told how many, and holds up nothing', async () => {
  let waiting = 0;
  const command = start(['listen', '--url', db.url, '--mode', 'notify'], { waiting: () => waiting });
  await command.said('live: ');
  await db.query('insert into orders (id) values (1)');
  await command.said('insert');
  waiting = 17 * 1024 * 1024;
  await db.query('insert into orders (id) values (2), (3)');
  await command.said('warning: the output is not read fast enough: changes are left out\n');
  waiting = 0;
  await db.query('insert into orders (id) values (4)');
  await command.said('id=4');
  command.interrupt();
  const { out, err } = await command.ended;
  expect(out).toMatch(/id=1 .*\n.*id=4 .*\n$/);
  expect(err).toContain('warning: 2 changes were left out\n');
});
