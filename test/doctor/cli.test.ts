import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../src/cli/program.js';
import { commitPlan, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.query('create table orders (id int primary key); create table items (id int primary key)');
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: ['orders'], mode: 'both' }));
});
afterAll(() => db.drop());

async function doctor(args: readonly string[], { url = db.url, colors = false } = {}) {
  const said = { out: '', err: '' };
  const status = await run(['doctor', ...args, '--url', url], {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    colors,
  });
  return { status, ...said };
}

test('the status is 0 where the mode works, and the last line says what auto takes', async () => {
  for (const mode of ['auto', 'notify', 'replication']) {
    const { status, out, err } = await doctor(['--mode', mode]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.trimEnd().split('\n').at(-1)).toBe(
      'Mode auto takes replication here: all that it looks at is there.',
    );
  }
});

test('the status is 1 where it does not, a line a finding, the remedy indented below it', async () => {
  const { status, out, err } = await doctor(['items', '--mode', 'notify']);
  expect({ status, err }).toEqual({ status: 1, err: '' });
  expect(out).toContain(
    `failure  notify       public.items has no triggers that notify channel "ch_pgcachewatch_table_change"
                      npx pgcachewatch install public.items --mode notify --commit
`,
  );
  expect(out).toContain('Mode notify does not work here: triggers.\n');
  expect(out).not.toContain('replication  ');
});

test('the status is 2 where it could not look, and nothing is printed but the error', async () => {
  const nowhere = new URL(db.url);
  nowhere.port = '1';
  for (const [args, url, message] of [
    [['nowhere'], db.url, /^error: There is no table nowhere\nremedy: /],
    [[], nowhere.href, /^error: .*\nremedy: Check that the server is up/],
    [['not a name'], db.url, /^error: "not a name" is not the name of a table\nremedy: /],
    [['--slot', 'No-Slot'], db.url, /^error: replication\.slot\.name must be/],
    [['--json', 'nowhere'], db.url, /^error: There is no table nowhere/],
  ] as const) {
    expect(await doctor(args, { url })).toEqual({ status: 2, out: '', err: expect.stringMatching(message) });
  }
  expect((await doctor(['--mode', 'both'])).status).toBe(2);
});

test('the status is 2 where one check could not look, and the others are told', async () => {
  const role = `blind_${db.name}`;
  await db.query(`create role ${role} login password 'x';
    revoke execute on function pg_notification_queue_usage() from public`);
  try {
    const url = new URL(db.url);
    url.username = role;
    url.password = 'x';
    const { status, out } = await doctor(['--mode', 'notify'], { url: url.href });
    expect(out).toMatch(/^unknown {2}notification-queue could not look: permission denied/m);
    expect(out).toMatch(/^ok {7}notify {7}public\.orders has its triggers/m);
    expect(out).toContain('That is not all: 1 of the checks could not look.\n');
    expect(status).toBe(2);
    expect((await doctor(['items', '--mode', 'notify'], { url: url.href })).status).toBe(1);
  } finally {
    await db.query(`grant execute on function pg_notification_queue_usage() to public; drop role ${role}`);
  }
});

test('many tables that are well are one line, and all of them in JSON', async () => {
  const many = await createDatabase();
  try {
    await many.query(
      `do $$ begin for n in 10 .. 29 loop execute format('create table t%s (id int primary key)', n); end loop; end $$;
      create publication pgcachewatch for all tables`,
    );
    const { out } = await doctor(['--mode', 'replication'], { url: many.url });
    expect(out).toContain('ok       replication  public.t10 is published; and 19 more like it\n');
    expect(out).not.toContain('t11 is published');
    const json = await doctor(['--mode', 'replication', '--json'], { url: many.url });
    expect(json.out).toContain('public.t29 is published');
  } finally {
    await many.drop();
  }
});

test('--json is one object with the findings', async () => {
  const { status, out } = await doctor(['items', '--json']);
  expect(status).toBe(1);
  const report: unknown = JSON.parse(out);
  expect(report).toMatchObject({
    mode: 'auto',
    server: { platform: null, database: db.name },
    unseen: [],
    verdict: { works: false, auto: null, modes: { notify: false, replication: false } },
    findings: expect.arrayContaining([
      {
        check: 'triggers',
        modes: ['notify'],
        level: 'failure',
        message: 'public.items has no triggers that notify channel "ch_pgcachewatch_table_change"',
        remedy: 'npx pgcachewatch install public.items --mode notify --commit',
        remedyKind: 'shell',
        final: false,
      },
    ]),
  });
});

test('there are colours where they are wanted, and the same text', async () => {
  const plain = await doctor(['items', '--mode', 'notify']);
  const colored = await doctor(['items', '--mode', 'notify'], { colors: true });
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
  expect(plain.out).not.toMatch(escapes);
  expect(colored.out).toMatch(escapes);
  expect(colored.out.replace(escapes, '')).toBe(plain.out);
  expect((await doctor(['--json'], { colors: true })).out).not.toMatch(escapes);
});

test('nothing is changed by looking', async () => {
  const catalog = async () =>
    (
      await db.query(`select (select json_agg(c.xmin::text order by oid) from pg_class c where oid >= 16384) as tables,
        (select json_agg(t.xmin::text order by oid) from pg_trigger t) as triggers,
        (select json_agg(p.xmin::text order by oid) from pg_publication p) as publications,
        (select count(*) from pg_replication_slots where database = current_database()) as slots`)
    ).rows;
  const before = await catalog();
  await doctor(['items', 'orders', '--slot', 'shop']);
  expect(await catalog()).toEqual(before);
});

test('--help has examples', async () => {
  const { status, out } = await doctor(['--help']);
  expect(status).toBe(0);
  expect(out).toContain('pgcachewatch doctor --mode replication --slot shop');
});
