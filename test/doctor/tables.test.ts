import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examine, sourceOptions } from '../../src/doctor/index.js';
import { commitPlan, type InstallOptions, planInstall } from '../../src/install/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { carryOut, examineAt, theWrong, wrong } from './setup.js';

let db: TestDatabase;
let version: number;
beforeEach(async () => {
  db = await createDatabase();
  version = (await db.query("select current_setting('server_version_num')::int as v")).rows[0].v;
});
afterEach(() => db.drop());

async function install(table: string, options: Partial<InstallOptions> = {}): Promise<void> {
  const client = await db.client();
  await commitPlan(client, await planInstall(client, { tables: [table], mode: 'both', ...options }));
}

const look = (tables?: string[], options = {}) => examineAt(db.url, { tables, ...options });

/** That the check finds what is wrong, that its remedy mends it, and that nothing else is wrong by it then. */
async function mended(check: string, message: RegExp, tables?: string[], options = {}): Promise<void> {
  const finding = theWrong(await look(tables, options), check);
  expect(finding.message).toMatch(message);
  await carryOut(finding, { url: db.url });
  expect(wrong(await look(tables, options), check)).toEqual([]);
}

test('a database with all that either mode needs has nothing wrong with its tables', async () => {
  await db.query('create table orders (id int primary key)');
  await install('orders');
  const { findings, verdict } = await look(['orders']);
  expect(findings.filter(({ level }) => level === 'failure')).toEqual([]);
  expect(verdict).toMatchObject({
    works: true,
    auto: 'replication',
    modes: { notify: true, replication: true },
  });
});

test('nothing installed is a failure of either mode, with the command that installs what was named', async () => {
  await db.query('create table orders (id int primary key)');
  expect((await look()).verdict).toMatchObject({ works: false, auto: null });
  const before = await look(['orders']);
  expect(before.verdict.modes).toEqual({ notify: false, replication: false });
  await carryOut(theWrong(before, 'triggers'), { url: db.url });
  await carryOut(theWrong(before, 'publication'), { url: db.url });
  expect((await look(['orders'])).verdict.modes).toEqual({ notify: true, replication: true });
  expect((await look()).verdict.works).toBe(true);
});

describe('triggers', () => {
  beforeEach(async () => {
    await db.query('create table orders (id int primary key, region text not null)');
    await install('orders', { mode: 'notify', level: 'row', channel: 'mine', maxRows: 7, always: true });
  });
  const options = { channel: 'mine', mode: 'notify' as const };

  test('that are disabled, even all of them, are found without the table being named', async () => {
    await db.query('alter table orders disable trigger all');
    await mended(
      'triggers',
      /Triggers of public\.orders are disabled: pgcachewatch_row, pgcachewatch_truncate/,
      undefined,
      options,
    );
  });

  test('that are disabled are enabled as the others are', async () => {
    await db.query('alter table orders disable trigger pgcachewatch_row');
    await mended('triggers', /disabled: pgcachewatch_row$/, undefined, options);
    const { rows } = await db.query(
      "select distinct tgenabled from pg_trigger where tgname like 'pgcachewatch%'",
    );
    expect(rows).toEqual([{ tgenabled: 'A' }]);
  });

  test('that were dropped are installed again with the options they had', async () => {
    const args = "select distinct tgargs from pg_trigger where tgname like 'pgcachewatch%'";
    const before = (await db.query(args)).rows;
    await db.query('drop trigger pgcachewatch_truncate on orders');
    await mended('triggers', /public\.orders lacks triggers: pgcachewatch_truncate$/, undefined, options);
    expect((await db.query(args)).rows).toEqual(before);
  });

  test('that tell rows by what is not the key any more are a warning', async () => {
    await db.query('alter table orders drop constraint orders_pkey, add primary key (region, id)');
    const before = theWrong(await look(undefined, options), 'triggers');
    expect(before).toMatchObject({ level: 'warning' });
    await mended('triggers', /tell rows by \(id\), and its key is \(region,id\)/, undefined, options);
  });

  test('with a condition do not tell of everything', async () => {
    await db.query(`create or replace trigger pgcachewatch_row after insert or update or delete on orders
      for each row when (false) execute function pgcachewatch.notify_row('row', '{id}', 'mine', '7', 'always')`);
    expect(theWrong(await look(undefined, options), 'triggers').level).toBe('failure');
    await mended('triggers', /not as this version installs them/, undefined, options);
  });

  test('of another channel are no help, and said', async () => {
    const finding = theWrong(await look(['orders'], { mode: 'notify' }), 'triggers');
    expect(finding).toMatchObject({
      level: 'failure',
      remedyKind: 'words',
      remedy: expect.stringContaining('mine'),
    });
    const { findings } = await look(undefined, { mode: 'notify' });
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'triggers',
        level: 'note',
        remedy: 'npx pgcachewatch doctor --channel mine',
      }),
    );
  });

  test('that were to fire always, and that ENABLE TRIGGER ALL has made ordinary ones, are named and mended', async () => {
    await db.query('alter table orders enable trigger all');
    const message =
      /public\.orders were installed to fire always, and fire as ordinary ones now: pgcachewatch_row/;
    await mended('triggers', message, undefined, options);
    await db.query('alter table orders enable trigger all');
    await install('orders', { mode: 'notify', level: 'row', channel: 'mine', maxRows: 7, always: true });
    expect(wrong(await look(undefined, options), 'triggers')).toEqual([]);
  });

  test('copies of them on a partition that are disabled, or ordinary, are named and mended', async () => {
    await db.query(`create table p (id int primary key) partition by range (id);
      create table p_1 partition of p for values from (0) to (9)`);
    await install('p', { mode: 'notify', always: true });
    const notify = { mode: 'notify' as const };
    await db.query('alter table p_1 disable trigger all');
    expect((await look(['p'], notify)).verdict.works).toBe(false);
    await mended(
      'triggers',
      /^Triggers of public\.p_1 are disabled: pgcachewatch_row_\w+, pgcachewatch_truncate$/,
      ['p'],
      notify,
    );
    await db.query('alter table p_1 enable trigger all');
    await mended('triggers', /public\.p_1 were installed to fire always/, ['p'], notify);
    await db.query('alter table p_1 disable trigger all');
    await install('p', { mode: 'notify', always: true });
    expect(wrong(await look(['p'], notify), 'triggers')).toEqual([]);
    expect((await look(['p'], notify)).verdict.works).toBe(true);
  });

  test('a partition that was added since is named', async () => {
    await db.query(`create table p (id int primary key) partition by range (id);
      create table p_1 partition of p for values from (0) to (9)`);
    await install('p', { mode: 'notify' });
    await db.query('create table p_2 partition of p for values from (10) to (19)');
    expect((await look(['p'], { mode: 'notify' })).verdict.works).toBe(true);
    await mended('triggers', /^public\.p_2 lacks triggers: pgcachewatch_truncate$/, undefined, {
      mode: 'notify',
    });
    expect((await look(['p'])).findings).toContainEqual(
      expect.objectContaining({ check: 'partitions', level: 'note', modes: ['notify'] }),
    );
  });
});

describe('the trigger function', () => {
  beforeEach(async () => {
    await db.query('create table orders (id int primary key)');
    await install('orders', { mode: 'notify', level: 'row' });
  });

  test.each([
    ['without a search_path', 'reset search_path', /has no search_path of its own/],
    ['with the rights of its owner', 'security definer', /runs with the rights of its owner/],
    ['of another version', "set timezone = 'UTC+1'", /is not the one of this version/],
  ])('%s is a warning, and installing again mends it', async (_, alteration, message) => {
    await db.query(`alter function pgcachewatch.notify_row() ${alteration}`);
    expect((await look(undefined, { mode: 'notify' })).verdict.works).toBe(true);
    await mended('trigger-function', message);
  });

  test('that belongs to somebody who owns no table is a failure', async () => {
    const role = `stranger_${db.name}`;
    await db.query(`create role ${role}; alter function pgcachewatch.notify_row() owner to ${role}`);
    try {
      await mended('trigger-function', new RegExp(`belongs to role ${role}`));
    } finally {
      await db.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  test('of another library, as a definer without a search_path, is a warning', async () => {
    await db.query(`create table theirs (id int primary key);
      create function theirs_changed() returns trigger language plpgsql security definer as $$ begin
        perform pg_notify('ch_pgcachewatch_table_change', '{}'); return null; end $$;
      create trigger t after insert or update or delete or truncate on theirs
        for each statement execute function theirs_changed()`);
    await mended(
      'trigger-function',
      /theirs_changed\(\) runs with the rights of its owner and the search_path/,
    );
    const { findings } = await look(['theirs'], { mode: 'notify' });
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'triggers',
        level: 'note',
        message: expect.stringContaining('whole table'),
      }),
    );
  });
});

describe('the publication', () => {
  beforeEach(async () => {
    await db.query('create table orders (id int primary key, x int)');
  });
  const replication = { mode: 'replication' as const };

  test.each([
    ['insert, update', /does not tell of delete, truncate/],
    ['insert, update, delete', /does not tell of truncate/],
  ])('that publishes only %s', async (publish, message) => {
    await db.query(`create publication pgcachewatch for table orders with (publish = '${publish}')`);
    expect((await look(undefined, replication)).verdict.works).toBe(false);
    await mended('publication', message, undefined, replication);
    expect((await look(undefined, replication)).verdict.works).toBe(true);
  });

  test('that publishes by partition root', async () => {
    await db.query(`create table p (id int primary key) partition by range (id);
      create table p_1 partition of p for values from (0) to (9);
      create publication pgcachewatch for table p with (publish_via_partition_root = true)`);
    await mended('publication', /TRUNCATE of one partition is told to nobody/, undefined, replication);
    expect((await look(undefined, replication)).verdict.works).toBe(true);
  });

  test('of all tables is a danger to those that have no key', async () => {
    await db.query('create publication pgcachewatch for all tables');
    const finding = theWrong(await look(['orders'], replication), 'publication');
    expect(finding).toMatchObject({ level: 'warning', message: expect.stringContaining('all tables') });
    expect((await look(['orders'], replication)).verdict.works).toBe(true);
  });

  test('of another name is asked for by its name', async () => {
    await install('orders', { mode: 'replication', publication: 'Odd one' });
    expect((await look(undefined, { ...replication, publication: 'Odd one' })).verdict.works).toBe(true);
    expect(theWrong(await look(['orders'], replication), 'publication').message).toBe(
      'There is no publication "pgcachewatch"',
    );
  });

  test('that is empty holds no table', async () => {
    await db.query('create publication pgcachewatch');
    expect(theWrong(await look(undefined, replication), 'publication').message).toMatch(/holds no table/);
  });

  test.each(['ours', 'theirs'])('without a table that was named, where it is %s', async (whose) => {
    if (whose === 'ours') await install('orders', { mode: 'replication' });
    else await db.query('create publication pgcachewatch for table orders');
    await db.query('create table items (id int primary key)');
    await mended(
      'published-tables',
      /public\.items is not published by pgcachewatch/,
      ['items'],
      replication,
    );
    expect((await look(['items', 'orders'], replication)).verdict.works).toBe(true);
  });

  test.each(['ours', 'theirs'])('with a row filter, where it is %s', async (whose) => {
    if (version < 150_000) return;
    if (whose === 'ours') await install('orders', { mode: 'replication' });
    else await db.query('create publication pgcachewatch for table orders');
    await db.query('alter publication pgcachewatch set table orders where (id > 10)');
    await mended('published-tables', /row filter/, undefined, replication);
    expect((await look(undefined, replication)).verdict.works).toBe(true);
  });

  test('with some columns is a note, and the remedy for what it lacks keeps to the key', async () => {
    if (version < 150_000) return;
    await install('orders', { mode: 'replication', columns: 'key' });
    expect((await look(undefined, replication)).findings).toContainEqual(
      expect.objectContaining({
        check: 'published-tables',
        level: 'note',
        message: expect.stringContaining('(id)'),
      }),
    );
  });
});

describe('the replica identity', () => {
  const replication = { mode: 'replication' as const };
  const refused = () => expect(db.query('delete from bare')).rejects.toThrow();

  test.each([
    ['of a table without a key', 'create table bare (id int)'],
    ['NOTHING', 'create table bare (id int primary key); alter table bare replica identity nothing'],
    [
      'that could be an index',
      'create table bare (id int not null unique, x int); alter table bare replica identity nothing',
    ],
  ])('%s makes writers fail, until the remedy', async (_, ddl) => {
    await db.query(`${ddl}; create publication pgcachewatch for table bare`);
    await refused();
    await mended('replica-identity', /refuses every UPDATE and DELETE \(now\)/, undefined, replication);
    await db.query('delete from bare');
  });

  test('is asked for before the table is published, too', async () => {
    await db.query('create table bare (id int); create publication pgcachewatch');
    const report = await look(['bare'], replication);
    expect(theWrong(report, 'replica-identity').message).toMatch(/as soon as it is published/);
    for (const { check } of report.findings.filter(({ level }) => level === 'failure')) {
      await mended(check, /./, ['bare'], replication);
    }
    expect((await look(['bare'], replication)).verdict.works).toBe(true);
    await db.query('delete from bare');
  });

  test.each(['ours', 'theirs'])('that has left the list of columns, where it is %s', async (whose) => {
    if (version < 150_000) return;
    await db.query('create table bare (id int primary key, region int not null)');
    if (whose === 'ours') await install('bare', { mode: 'replication', columns: 'key' });
    else await db.query('create publication pgcachewatch for table bare (id)');
    await db.query('alter table bare drop constraint bare_pkey, add primary key (region, id)');
    await refused();
    await mended(
      'replica-identity',
      /region of its replica identity is not published/,
      undefined,
      replication,
    );
    await db.query('delete from bare');
  });

  test('of generated columns that are not published', async () => {
    if (version < 180_000) return;
    await db.query(`create table bare (a int, id int generated always as (a + 1) stored primary key);
      create publication pgcachewatch for table bare`);
    await refused();
    await mended('replica-identity', /generated columns, which are not published/, undefined, replication);
    await db.query('delete from bare');
  });

  test('FULL is a note', async () => {
    await db.query(`create table bare (id int); alter table bare replica identity full;
      create publication pgcachewatch for table bare`);
    const { findings, verdict } = await look(undefined, replication);
    expect(verdict.works).toBe(true);
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'replica-identity',
        level: 'note',
        message: expect.stringContaining('whole row'),
      }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ check: 'keys', level: 'note' }));
  });
});

test('what cannot be watched is a failure of either mode, and not an error', async () => {
  await db.query(`create view v as select 1; create materialized view m as select 1 as x;
    create foreign data wrapper w; create server s foreign data wrapper w; create foreign table f (x int) server s`);
  for (const [name, message] of [
    ['v', /public\.v is a view/],
    ['m', /public\.m is a materialized view/],
    ['f', /public\.f is a foreign table/],
    ['pg_catalog.pg_class', /belongs to the system/],
  ] as const) {
    const report = await look([name]);
    expect(theWrong(report, 'watchable').message).toMatch(message);
    expect(report.verdict).toMatchObject({ works: false, modes: { notify: false, replication: false } });
  }
});

test('a temporary table cannot be watched', async () => {
  const client = await db.client();
  await client.query('create temporary table scratch (id int primary key)');
  const report = await examine(client, sourceOptions({ connection: db.url, tables: ['scratch'] }));
  expect(theWrong(report, 'watchable').message).toMatch(/scratch is a temporary table/);
  expect(report.verdict.works).toBe(false);
});

test('an unlogged table works with notify, and with replication once it is logged', async () => {
  await db.query('create unlogged table u (id int primary key); create publication pgcachewatch');
  await install('u', { mode: 'notify' });
  const report = await look(['u']);
  expect(report.verdict.modes).toEqual({ notify: true, replication: false });
  expect(wrong(report, 'published-tables')).toEqual([]);
  await mended('watchable', /public\.u is unlogged/, ['u']);
});

test('the names of tables reach neither the shell nor the terminal, and the remedies still mean them', async () => {
  const evil = `"Ev'il; $(touch /tmp/x) \`id\` ""q"" \n\u001b[31m\\x"`;
  await db.query(`create table ${evil} (id int primary key)`);
  const report = await look([evil]);
  for (const { message } of report.findings) expect(message).not.toMatch(/\p{Cc}/u);
  await carryOut(theWrong(report, 'triggers'), { url: db.url });
  await carryOut(theWrong(report, 'publication'), { url: db.url });
  expect((await look([evil])).verdict.modes).toEqual({ notify: true, replication: true });
  await db.query(`alter table ${evil} disable trigger pgcachewatch_row`);
  const { remedy } = theWrong(await look([evil]), 'triggers');
  expect(remedy?.split('\n')).toHaveLength(2);
  await mended('triggers', /disabled/, [evil]);
});

test('a role whose sessions fire no triggers is found, and install --always mends it', async () => {
  const role = `loader_${db.name}`;
  await db.query('create table orders (id int primary key)');
  await install('orders', { mode: 'notify', level: 'table' });
  await db.query(`create role ${role}; alter role ${role} set session_replication_role = replica`);
  try {
    await mended('replica-role', new RegExp(`Sessions of role ${role} have .* is told to nobody`));
    const { rows } = await db.query(
      "select distinct tgenabled from pg_trigger where tgname like 'pgcachewatch%'",
    );
    expect(rows).toEqual([{ tgenabled: 'A' }]);
  } finally {
    await db.query(`drop role ${role}`);
  }
});

test('the table that a subscription writes to is not watched by notify, unless its triggers fire always', async () => {
  await db.query('create table copied (id int primary key)');
  await install('copied');
  await db.query(
    `create subscription ${db.name} connection 'dbname=nowhere' publication p with (connect = false)`,
  );
  try {
    const oid = (await db.query('select oid from pg_subscription where subname = $1', [db.name])).rows[0].oid;
    // What ALTER SUBSCRIPTION … REFRESH would write, if there were a publisher.
    await db.query(`set allow_system_table_mods = on;
      insert into pg_subscription_rel (srsubid, srrelid, srsubstate) values (${oid}, 'copied'::regclass, 'r')`);
    expect((await look()).findings).toContainEqual(
      expect.objectContaining({
        check: 'subscriptions',
        level: 'note',
        message: expect.stringContaining('disabled'),
      }),
    );
    await db.query('update pg_subscription set subenabled = true where oid = $1', [oid]);
    const report = await look();
    expect(theWrong(report, 'subscriptions').message).toMatch(/are told to nobody/);
    expect(report.verdict).toMatchObject({ works: true, auto: 'replication', modes: { notify: false } });
    await mended('subscriptions', /does not fire its triggers/);
    expect((await look()).verdict).toMatchObject({ works: true, modes: { notify: true } });
  } finally {
    await db.query(`update pg_subscription set subenabled = false where subname = '${db.name}'`);
    await db.query(`alter subscription ${db.name} set (slot_name = none)`);
    await db.query(`drop subscription ${db.name}`);
  }
});

test('EXECUTE on pg_notify revoked from everybody is a warning, and a failure for a role that listens', async () => {
  const role = `listener_${db.name}`;
  await db.query('create table orders (id int primary key)');
  await install('orders', { mode: 'notify' });
  await db.query(
    `create role ${role} login password 'x'; revoke execute on function pg_notify(text, text) from public`,
  );
  try {
    expect((await look(undefined, { mode: 'notify' })).verdict.works).toBe(true);
    const url = new URL(db.url);
    url.username = role;
    url.password = 'x';
    const finding = theWrong(await examineAt(url.href, { mode: 'notify' }), 'notify-right');
    expect(finding).toMatchObject({
      level: 'failure',
      message: `Role ${role} may not execute pg_notify, which a source needs`,
    });
    await carryOut(finding, { url: db.url });
    expect(theWrong(await examineAt(url.href, { mode: 'notify' }), 'notify-right').level).toBe('warning');
    await mended('notify-right', /revoked from PUBLIC/, undefined, { mode: 'notify' });
  } finally {
    await db.query(
      `grant execute on function pg_notify(text, text) to public; drop owned by ${role}; drop role ${role}`,
    );
  }
});

test('tables that are installed for one mode only are said to auto', async () => {
  await db.query('create table a (id int primary key); create table b (id int primary key)');
  await install('a');
  await install('b', { mode: 'notify' });
  const { findings, verdict } = await look();
  expect(verdict.works).toBe(true);
  expect(findings.filter(({ check }) => check === 'fallback')).toEqual([
    expect.objectContaining({
      level: 'note',
      message: 'public.b has triggers only: while auto is on replication, it is not watched',
    }),
  ]);
});
